"""What the readable page of a bundle says, in the four languages of the units we know of.

Plain words for an officer who sees one for the first time. A word of ICCAM's or ours that has no row here stands as it
is: nothing is left out for want of a translation.
"""

from collections.abc import Mapping
from typing import Final

#: code -> English, Dutch, French, German
_ROWS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "title": (
        "HAND-OVER TO THE POLICE: reported child sexual abuse material",
        "OVERDRACHT AAN DE POLITIE: gemelde beelden van seksueel misbruik van kinderen",
        "TRANSMISSION À LA POLICE : contenus signalés d'abus sexuels d'enfants",
        "ÜBERGABE AN DIE POLIZEI: gemeldete Darstellungen sexuellen Missbrauchs von Kindern",
    ),
    "metadata": (
        "This bundle holds data about places on the internet, and no images.",
        "Dit pakket bevat gegevens over plaatsen op het internet, en geen beelden.",
        "Cet envoi contient des données sur des adresses internet, et aucune image.",
        "Dieses Paket enthält Angaben über Orte im Internet und keine Bilder.",
    ),
    "test": (
        "THIS IS A TEST. It is about no real place. Please tell the hotline the reply code below.",
        "DIT IS EEN TEST. Het gaat over geen echte plaats. Geef de hotline de antwoordcode hieronder door.",
        "CECI EST UN TEST. Aucune adresse réelle n'est visée. Merci de communiquer le code de réponse ci-dessous.",
        "DIES IST EINE PROBE ohne wirklichen Ort. Bitte teilen Sie der Hotline den Antwortcode unten mit.",
    ),
    "told": (
        "ALREADY TOLD by telephone; this is the same hand-over in writing.",
        "AL GEMELD per telefoon; dit is dezelfde overdracht op schrift.",
        "DÉJÀ COMMUNIQUÉ par téléphone ; ceci est la même transmission par écrit.",
        "BEREITS telefonisch MITGETEILT; dies ist dieselbe Übergabe schriftlich.",
    ),
    "from": ("From", "Van", "De", "Von"),
    "to": ("To", "Aan", "À", "An"),
    "bundle": ("Bundle", "Pakket", "Envoi", "Paket"),
    "prepared_at": ("Prepared", "Opgemaakt", "Établi le", "Erstellt"),
    "encrypted_to": (
        "Encrypted to the key (SHA-256)", "Versleuteld voor de sleutel (SHA-256)",
        "Chiffré pour la clé (SHA-256)", "Verschlüsselt für den Schlüssel (SHA-256)",
    ),
    "signed_by": (
        "Signed by the key (SHA-256)", "Ondertekend met de sleutel (SHA-256)",
        "Signé par la clé (SHA-256)", "Unterschrieben mit dem Schlüssel (SHA-256)",
    ),
    "opened_with": (
        "How it was opened, and how to check our signature",
        "Hoe het werd geopend, en hoe u onze handtekening nagaat",
        "Comment il s'ouvre, et comment vérifier notre signature",
        "Wie es geöffnet wird und unsere Unterschrift geprüft wird",
    ),
    "law": ("Legal basis", "Rechtsgrond", "Base légale", "Rechtsgrundlage"),
    "asked": ("What is asked", "Wat wordt gevraagd", "Ce qui est demandé", "Worum gebeten wird"),
    "take_over": (
        "Please take it over. The hotline has NOT contacted the provider, and waits for your word before it does.",
        "Gelieve het over te nemen. De hotline heeft de provider NIET gecontacteerd, en wacht daarvoor op uw bericht.",
        "Merci de reprendre le dossier. La hotline n'a PAS contacté l'hébergeur, et attend votre accord pour le faire.",
        "Bitte übernehmen Sie es. Die Hotline hat den Anbieter NICHT angeschrieben und wartet dafür auf Ihr Wort.",
    ),
    "for_information": (
        "For your information: another hotline deals with it. The hotline has NOT contacted the provider.",
        "Ter informatie: een andere hotline behandelt het. De hotline heeft de provider NIET gecontacteerd.",
        "Pour information : une autre hotline s'en occupe. La hotline n'a PAS contacté l'hébergeur.",
        "Zur Kenntnis: Eine andere Hotline bearbeitet es. Die Hotline hat den Anbieter NICHT angeschrieben.",
    ),
    "answer": (
        "HOW TO ANSWER: by mail, letter or telephone, give the reply code, your number, and one of these:",
        "HOE TE ANTWOORDEN: geef per mail, brief of telefoon de antwoordcode, uw nummer, en één van deze:",
        "POUR RÉPONDRE : par courriel, lettre ou téléphone, donnez le code de réponse, votre numéro, et l'un de :",
        "SO ANTWORTEN SIE: Nennen Sie per Mail, Brief oder Telefon den Antwortcode, Ihr Aktenzeichen und eines von:",
    ),
    "answers": (
        "received; taken up; sent elsewhere; hold until (date); please ask the host yourselves; closed",
        "ontvangen; in behandeling; doorgestuurd; wachten tot (datum); vraag het de hoster zelf; afgesloten",
        "reçu; pris en charge; transmis ailleurs; attendre jusqu'au (date); demandez à l'hébergeur; clôturé",
        "erhalten; übernommen; weitergeleitet; warten bis (Datum); bitte selbst den Anbieter fragen; abgeschlossen",
    ),
    "no_secret": (
        "The code is a name and no secret.",
        "De code is een naam en geen geheim.",
        "Le code est un nom et non un secret.",
        "Der Code ist ein Name und kein Geheimnis.",
    ),
    "item": ("ITEM", "ITEM", "ÉLÉMENT", "EINTRAG"),
    "of": ("of", "van", "sur", "von"),
    "reply_code": ("Reply code", "Antwoordcode", "Code de réponse", "Antwortcode"),
    "location_shown": (
        "Location (made unclickable; exact in bundle.json)", "Locatie (onklikbaar gemaakt; exact in bundle.json)",
        "Adresse (rendue non cliquable ; exacte dans bundle.json)",
        "Ort (unklickbar gemacht; genau in bundle.json)",
    ),
    "kind": ("Kind", "Soort", "Type", "Art"),
    "assessment": ("Assessment", "Beoordeling", "Évaluation", "Bewertung"),
    "severity": ("Severity", "Ernst", "Gravité", "Schwere"),
    "labels": ("Labels", "Labels", "Étiquettes", "Merkmale"),
    "urgency": ("Urgency", "Dringendheid", "Urgence", "Dringlichkeit"),
    "received_at": ("Reported to the hotline", "Gemeld bij de hotline", "Signalé à la hotline", "Der Hotline gemeldet"),
    "last_seen": ("Last seen online", "Laatst online gezien", "Vu en ligne pour la dernière fois", "Zuletzt gesehen"),
    "hosting": ("Hosting", "Hosting", "Hébergement", "Hosting"),
    "edge": (
        "ONLY THE EDGE OF A DELIVERY NETWORK IS KNOWN: the host behind it is not",
        "ENKEL DE RAND VAN EEN LEVERINGSNETWERK IS BEKEND: de host erachter niet",
        "SEUL LE BORD D'UN RÉSEAU DE DIFFUSION EST CONNU : pas l'hébergeur derrière",
        "NUR DER RAND EINES AUSLIEFERUNGSNETZES IST BEKANNT: der Host dahinter nicht",
    ),
    "not_assessed_by_us": (
        "NOT ASSESSED BY US: nobody here has looked. A child may be in danger; the alarm went unanswered",
        "NIET DOOR ONS BEOORDEELD: hier heeft niemand gekeken. Kind mogelijk in gevaar; alarm bleef onbeantwoord",
        "NON ÉVALUÉ PAR NOUS : personne ici n'a regardé. Enfant peut-être en danger ; alarme sans réponse",
        "VON UNS NICHT BEWERTET: niemand hier hat hingesehen. Kind vielleicht in Gefahr; Alarm blieb unbeantwortet",
    ),
    "not_stated": ("not stated", "niet vermeld", "non précisé", "nicht angegeben"),
    "numbers": ("Dossier numbers", "Dossiernummers", "Numéros de dossier", "Dossiernummern"),
    "dossier": ("Our dossier", "Ons dossier", "Notre dossier", "Unser Dossier"),
    "origin_reference": ("Our case", "Onze zaak", "Notre cas", "Unser Fall"),
    "origin": ("First reported to", "Eerst gemeld bij", "Signalé d'abord à", "Zuerst gemeldet bei"),
    "note": ("Note", "Nota", "Note", "Hinweis"),
    "account": ("Account", "Account", "Compte", "Konto"),
    "ways_in": ("How it was reached", "Hoe het werd bereikt", "Comment on y accède", "Wie man hinkommt"),
    "site_type": ("Kind of site", "Soort site", "Type de site", "Art der Seite"),
    "commerciality": ("Commercial", "Commercieel", "Commercial", "Kommerziell"),
    "payment_methods": ("Payment", "Betaling", "Paiement", "Bezahlung"),
    "age": ("Youngest child", "Jongste kind", "Enfant le plus jeune", "Jüngstes Kind"),
    "gender": ("Gender", "Geslacht", "Sexe", "Geschlecht"),
    "assigned_country": ("Country that deals with it", "Land dat het behandelt", "Pays en charge", "Zuständiges Land"),
    "supersedes": ("Replaces", "Vervangt", "Remplace", "Ersetzt"),
    "moved_from": ("Moved here from", "Verhuisd uit", "Déplacé de", "Verlegt aus"),
    "path": ("Hotlines that had it", "Hotlines die het hadden", "Hotlines passées", "Beteiligte Hotlines"),
    "pages": ("Page that it is on", "Pagina waarop het staat", "Page qui le contient", "Seite, auf der es steht"),
    "received_at_known": ("Date known", "Datum bekend", "Date connue", "Datum bekannt"),
    "yes": ("yes", "ja", "oui", "ja"),
    "no": ("no", "nee", "non", "nein"),
}  # fmt: skip
#: What stands within a field, such as the scheme of a severity: code -> English, Dutch, French, German
_WITHIN: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "scheme": ("scheme", "schema", "échelle", "Skala"),
    "version": ("version", "versie", "version", "Fassung"),
    "value": ("value", "waarde", "valeur", "Wert"),
    "at": ("stated", "vermeld", "indiqué", "angegeben"),
    "not_stated": ("not stated", "niet vermeld", "non précisé", "nicht angegeben"),
    "assessed_by_role": ("assessed by", "beoordeeld door", "évalué par", "beurteilt durch"),
    "assessed_at": ("assessed", "beoordeeld", "évalué le", "beurteilt"),
    "country": ("country", "land", "pays", "Land"),
    "verdict": ("finding", "bevinding", "constat", "Befund"),
    "confidence": ("confidence", "zekerheid", "certitude", "Sicherheit"),
    "ips": ("addresses", "adressen", "adresses", "Adressen"),
    "asn": ("network (AS)", "netwerk (AS)", "réseau (AS)", "Netz (AS)"),
    "as_name": ("holder of the network", "houder van het netwerk", "titulaire du réseau", "Inhaber des Netzes"),
    "registration_country": (
        "country of registration", "land van registratie", "pays d'enregistrement", "Land der Eintragung",
    ),
    "edge": ("edge only", "alleen de rand", "bordure seulement", "nur der Rand"),
    "traced_at": ("looked up", "opgezocht", "recherché le", "nachgesehen"),
    "referrer": ("comes from", "komt van", "vient de", "kommt von"),
    "steps": ("steps", "stappen", "étapes", "Schritte"),
    "platform": ("platform", "platform", "plateforme", "Plattform"),
    "handle": ("name there", "naam daar", "nom sur place", "Name dort"),
    "role": ("role", "rol", "rôle", "Rolle"),
    "ip": ("IP address", "IP-adres", "adresse IP", "IP-Adresse"),
    "login": ("login", "aanmelding", "identifiants", "Anmeldung"),
    "username": ("user name", "gebruikersnaam", "nom d'utilisateur", "Benutzername"),
    "password": ("password", "wachtwoord", "mot de passe", "Passwort"),
    "required_country": ("seen from", "gezien vanuit", "visible depuis", "sichtbar aus"),
    "not_assessed_by_us": (
        "not assessed by us", "niet door ons beoordeeld", "non évalué par nous", "von uns nicht beurteilt",
    ),
    "hotline": ("hotline", "hotline", "hotline", "Hotline"),
    "dossier": ("dossier", "dossier", "dossier", "Dossier"),
    "reference": ("reference", "referentie", "référence", "Aktenzeichen"),
}  # fmt: skip
_PLACES: Final = {code: place for place, code in enumerate(_WITHIN)}
LANGUAGES: Final = ("en", "nl", "fr", "de")


def word(code: str, language: str) -> str:
    """Return what a code is called; the code itself where there is no row."""
    row = _ROWS.get(code)
    return code if row is None else row[LANGUAGES.index(language)]


def within(code: str, language: str) -> str:
    """Return what a code within a field is called; the code itself where there is no row."""
    row = _WITHIN.get(code)
    return code if row is None else row[LANGUAGES.index(language)]


def place_within(code: str) -> int:
    """Return where a code stands within a field, such as a scheme before its value; what has no row comes last."""
    return _PLACES.get(code, len(_PLACES))


def codes() -> frozenset[str]:
    """Return every code that has words."""
    return frozenset(_ROWS)
