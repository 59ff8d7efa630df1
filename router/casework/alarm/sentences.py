"""The few sentences that an alarm may say, in the languages of the console. No other text goes into one."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "RouterAtRisk": "A task needs a person now.",
        "RouterUndelivered": "Something did not reach its partner; a person is needed.",
        "RouterNoReceipt": "It is not known whether a partner has something; a person is needed.",
        "RouterStopped": "Something urgent is held by a stop.",
        "RouterDeskDue": "A task's time is over.",
        "RouterAlarmWayDown": "A way by which alarms go does not work.",
        "RouterCertificateEnds": "A certificate ends soon; run `partners check` and ask for the new one.",
        "RouterMisrouted": "Something went to the wrong country; whoever leads the desk looks at the console.",
        "RouterGlassBroken": "One person alone changed what takes two; look at the console.",
        "RouterTest": "This is a test; nothing is to be done.",
        "RouterTask": "A task needs you.",
    },
    "nl": {
        "RouterAtRisk": "Een taak heeft nu iemand nodig.",
        "RouterUndelivered": "Iets bereikte zijn partner niet; er is iemand nodig.",
        "RouterNoReceipt": "Het is niet bekend of een partner iets heeft; er is iemand nodig.",
        "RouterStopped": "Iets dringends wordt door een stop tegengehouden.",
        "RouterDeskDue": "De tijd voor een taak is om.",
        "RouterAlarmWayDown": "Een weg waarlangs alarmen gaan, werkt niet.",
        "RouterCertificateEnds": "Een certificaat loopt af; voer `partners check` uit en vraag het nieuwe.",
        "RouterMisrouted": "Iets ging naar het verkeerde land; wie de desk leidt, kijkt op de console.",
        "RouterGlassBroken": "Iemand heeft alleen gewijzigd waarvoor er twee nodig zijn; kijk op de console.",
        "RouterTest": "Dit is een test; er hoeft niets te gebeuren.",
        "RouterTask": "Er wacht een taak op u.",
    },
    "fr": {
        "RouterAtRisk": "Une tâche demande quelqu'un maintenant.",
        "RouterUndelivered": "Un envoi n'est pas arrivé chez son partenaire ; il faut quelqu'un.",
        "RouterNoReceipt": "On ne sait pas si un partenaire a reçu un envoi ; il faut quelqu'un.",
        "RouterStopped": "Un envoi urgent est retenu par un arrêt.",
        "RouterDeskDue": "Le délai d'une tâche est dépassé.",
        "RouterAlarmWayDown": "Une voie d'alerte ne fonctionne pas.",
        "RouterCertificateEnds": "Un certificat expire bientôt ; lancez `partners check` et demandez le nouveau.",
        "RouterMisrouted": "Quelque chose est parti vers le mauvais pays ; le responsable consulte la console.",
        "RouterGlassBroken": "Une seule personne a modifié ce qui en demande deux ; voyez la console.",
        "RouterTest": "Ceci est un essai ; il n'y a rien à faire.",
        "RouterTask": "Une tâche vous attend.",
    },
    "de": {
        "RouterAtRisk": "Eine Aufgabe braucht jetzt jemanden.",
        "RouterUndelivered": "Etwas hat seinen Partner nicht erreicht; jemand wird gebraucht.",
        "RouterNoReceipt": "Es ist nicht bekannt, ob ein Partner etwas hat; jemand wird gebraucht.",
        "RouterStopped": "Etwas Dringendes wird durch einen Stopp zurückgehalten.",
        "RouterDeskDue": "Die Zeit für eine Aufgabe ist um.",
        "RouterAlarmWayDown": "Ein Weg, auf dem Alarme gehen, funktioniert nicht.",
        "RouterCertificateEnds": "Ein Zertifikat läuft ab; rufen Sie `partners check` auf und fordern Sie das neue an.",
        "RouterMisrouted": "Etwas ging in das falsche Land; wer die Aufsicht hat, sieht in der Konsole nach.",
        "RouterGlassBroken": "Jemand hat allein geändert, wofür es zwei braucht; siehe Konsole.",
        "RouterTest": "Dies ist ein Test; es ist nichts zu tun.",
        "RouterTask": "Eine Aufgabe wartet auf Sie.",
    },
}
