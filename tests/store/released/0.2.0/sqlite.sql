BEGIN TRANSACTION;
CREATE TABLE accounts (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    locale TEXT NOT NULL,
    disabled_at BIGINT,
    PRIMARY KEY (id),
    UNIQUE (name)
);
INSERT INTO "accounts" VALUES('01a229a4-73fd-7211-92e0-f2568173d23f','a-supervisor','supervisor','',NULL);
INSERT INTO "accounts" VALUES('01a229a4-7407-7064-98f8-e58f9beda7c5','berta','analyst','',NULL);
CREATE TABLE actions (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    referral_id TEXT,
    action TEXT NOT NULL,
    at BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (id),
    UNIQUE (case_id, "by", action, at)
);
INSERT INTO "actions" VALUES('01a229a4-73fb-77e5-885a-8f6c6660e0fa','01a229a4-73e8-76b8-9d8e-bba1fea028c0',NULL,'NotIllegal',1795338000000000,'person:anna',NULL);
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE attempts (
    id TEXT NOT NULL,
    referral_id TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    counted INTEGER NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    receipt TEXT,
    PRIMARY KEY (id)
);
INSERT INTO "attempts" VALUES('01a229a4-73d0-725b-8497-fdf9b457d1cf','01a229a4-73bf-7719-b082-ac116b2382c9',1795338000000000,1795338000000000,'accepted',1,'accepted','The partner has it.','receipt-01a229a4-73bf-7719-b082-ac116b2382c9');
CREATE TABLE audit (
    epoch TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    case_id TEXT,
    referral_id TEXT,
    detail TEXT NOT NULL,
    sealed BLOB,
    hash BLOB NOT NULL,
    PRIMARY KEY (epoch, seq)
);
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',1,1795338000000000,'router','source.added',NULL,NULL,'{"assesses":false,"daily_cap":null,"kind":"public","lane":"normal","source":"form"}',NULL,X'A348576A5D12FF9387CAD73BBD115BF4A09CFE0E0C2AE4DC125DC094308A4655');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',2,1795338000000000,'router','source.added',NULL,NULL,'{"assesses":true,"daily_cap":null,"kind":"analyst","lane":"normal","source":"analysts"}',NULL,X'F17ACEBCB20A0E4EE5F78E35842A8DD75EF59A717B5295EA870BC50E31FC8ABA');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',3,1795338000000000,'source:analysts','case.opened','01a229a4-73ab-7000-b001-ede266b93e4c',NULL,'{"report":"01a229a4-73ab-7000-afff-ab519d8a88b8","source":"analysts"}',NULL,X'C89E0787B930751F83217346E5AA7F500A9F2A957044BDB15E37A99D8379BAD9');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',4,1795338000000000,'router','case.located','01a229a4-73ab-7000-b001-ede266b93e4c',NULL,'{"confidence":0.99,"country":"NL","reasons":[],"verdict":"country"}',NULL,X'41FFCBAD3B77679880D6C1C427F8FD4233B0324AEA1A7B15C6B7F56E06113BD7');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',5,1795338000000000,'router','case.decided','01a229a4-73ab-7000-b001-ede266b93e4c',NULL,'{"desk":[],"policy":1,"recipients":["hotline-nl"],"refused":[],"routes":["hotline-abroad"]}',NULL,X'AB757DD3E0F62BB536213CCA3927F6644C0F893F1283F4126EAB272812CE35A4');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',6,1795338000000000,'router','referral.attempted','01a229a4-73ab-7000-b001-ede266b93e4c','01a229a4-73bf-7719-b082-ac116b2382c9','{"outcome":"accepted","partner":"hotline-nl","reason":"accepted","state":"accepted"}',NULL,X'82F7590F6852FCA36B261DEF9C708E3E9BC21A209730ECBC70B062488510C652');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',7,1795338000000000,'source:form','case.opened','01a229a4-73d4-7491-8257-b91194f1fa62',NULL,'{"report":"01a229a4-73d4-7491-8255-93e0fae91164","source":"form"}',NULL,X'291FCE2CD1BA5EAF3FB794F41B54D36E3E42C8EC851E61BFFE0818F3C77F4639');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',8,1795338000000000,'router','case.located','01a229a4-73d4-7491-8257-b91194f1fa62',NULL,'{"confidence":0.99,"country":"NL","reasons":[],"verdict":"country"}',NULL,X'04290CC080465E3F38B905DC5FC10E8A79FF51495A1F13A01269D61DF0441E81');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',9,1795338000000000,'router','case.decided','01a229a4-73d4-7491-8257-b91194f1fa62',NULL,'{"desk":["not_assessed"],"policy":1,"recipients":["hotline-nl"],"refused":[],"routes":["not-assessed","hotline-abroad"]}',NULL,X'66D34E3250F8328E31729EE9B7D537772E03AE1965E54C44C75B7584AE116527');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',10,1795338000000000,'source:form','case.opened','01a229a4-73e8-76b8-9d8e-bba1fea028c0',NULL,'{"report":"01a229a4-73e8-76b8-9d8c-7b459010496b","source":"form"}',NULL,X'5BCCB9F4337C5A0CD33437E020FEEFF49EDD5992AC4D349260FF6DE7DF01B2A5');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',11,1795338000000000,'router','case.located','01a229a4-73e8-76b8-9d8e-bba1fea028c0',NULL,'{"confidence":0.99,"country":"NL","reasons":[],"verdict":"country"}',NULL,X'E80456EBB6F0288EEB8364159191E37243187F6E6BE4285E3C79199008339BD5');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',12,1795338000000000,'router','case.decided','01a229a4-73e8-76b8-9d8e-bba1fea028c0',NULL,'{"desk":["not_assessed"],"policy":1,"recipients":["hotline-nl"],"refused":[],"routes":["not-assessed","hotline-abroad"]}',NULL,X'6BCD4FCDB6701A002C16C5398FA84C49F67FEAF0F99A968864CF73BBC02A02F9');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',13,1795338000000000,'person:anna','case.closed','01a229a4-73e8-76b8-9d8e-bba1fea028c0',NULL,'{"outcome":"not_illegal","typed":"01a229a4-73f8-7062-b53d-ed91d0d88e23"}',X'0101EB040D9E7B4B0E9DDE8D507A46460CA8AC8342A0842F3D274B92A2C08E3E880646C66D0F5244',X'0A20E12D9BE22BA5B3E1F6F405A8B75AEAF6C383A52101218741080B1F407F88');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',14,1795338000000000,'router','account.added',NULL,NULL,'{"account":"a-supervisor","role":"supervisor"}',NULL,X'76C4B8FBA07813593FC4E377DA7EB82BA70918FFEFF3B9466E01082AED7A5924');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',15,1795338000000000,'person:a-supervisor','token.created',NULL,NULL,'{"scopes":["audit:read","case:read","case:reveal","desk:act","locate","ops:read","partner:read","partner:write","policy:read","policy:write","referral:act","referral:read","report:assess","report:read","report:submit","stop:act"],"source":null,"token":"01a229a4-7401-77b5-93c9-0d6d085f97ca"}',NULL,X'FD7972DD9A9EDC39B8A3341AA26D6D1AFDB664F034416D3CDA69E9495BB5F93A');
INSERT INTO "audit" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',16,1795338000000000,'router','account.added',NULL,NULL,'{"account":"berta","role":"analyst"}',NULL,X'B5BF8811825729F2AD45948521C8EFED14EDAD94ECC9E2AB80064C2CFE9AAAEF');
CREATE TABLE case_keys (
    case_id TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (case_id)
);
INSERT INTO "case_keys" VALUES('01a229a4-73ab-7000-b001-ede266b93e4c',X'01019FF9EDB59DFCEE76C4888DE0AEC7A76D3F1D3EF76F8B0D8A28027F865CAFCC1D898542BA550591BDAB1395122CAE307B7C9CA5F5702968A291A28C6F2AE529DC');
INSERT INTO "case_keys" VALUES('01a229a4-73d4-7491-8257-b91194f1fa62',X'01019FF9EDB5F946C88D145FD0AA0C8CB6418E418DDC7F1E2D8414D0A1D709FC3519DD4D33B920EBF9BC33DB73A3EEB260C6F934E7B7C4D2099C0535866BC428227C');
INSERT INTO "case_keys" VALUES('01a229a4-73e8-76b8-9d8e-bba1fea028c0',X'01019FF9EDB556FF5A759BDA2BF638C676B26267CD0E4843E0CA4AA9F95AA97857E5819A6FA3F0B8BBEA634332285C8BFBE60D92EB1C3B2F1B45323D5C9E71547889');
CREATE TABLE cases (
    id TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    next_at BIGINT,
    claimed_by TEXT,
    claimed_until BIGINT,
    claims INTEGER DEFAULT 0 NOT NULL,
    kind TEXT NOT NULL,
    url_bidx BLOB NOT NULL,
    host_bidx BLOB,
    sealed BLOB NOT NULL,
    lane TEXT NOT NULL,
    rank INTEGER NOT NULL,
    source TEXT NOT NULL,
    source_kind TEXT NOT NULL,
    cap_source TEXT,
    assessment TEXT NOT NULL,
    assessed_at BIGINT,
    staff_assessment TEXT,
    staff_assessed_at BIGINT,
    urgency TEXT NOT NULL,
    site_type TEXT,
    commerciality TEXT,
    received_at BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    verdict TEXT,
    hosting_country TEXT,
    registration_country TEXT,
    assigned_country TEXT,
    confidence FLOAT,
    trace_id TEXT,
    traced_at BIGINT,
    decision_id TEXT,
    policy_version INTEGER,
    desk_code TEXT,
    desk_text TEXT,
    desk_since BIGINT,
    desk_due BIGINT,
    moved_from TEXT,
    bounced INTEGER DEFAULT 0 NOT NULL,
    path TEXT DEFAULT '[]' NOT NULL,
    origin TEXT,
    origin_reference TEXT,
    gone_checks INTEGER DEFAULT 0 NOT NULL,
    outcome TEXT,
    rests_on TEXT,
    closed_at BIGINT,
    PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('received', 'located', 'referred', 'desk', 'closed')),
    CONSTRAINT nothing_waits_unseen CHECK ((state = 'closed' AND outcome IS NOT NULL AND closed_at IS NOT NULL AND next_at IS NULL) OR (state <> 'closed' AND (next_at IS NOT NULL OR desk_code IS NOT NULL))),
    CONSTRAINT desk_has_its_reason CHECK ((state = 'desk') = (desk_code IS NOT NULL))
);
INSERT INTO "cases" VALUES('01a229a4-73ab-7000-b001-ede266b93e4c','referred',3,1795770000000000,NULL,NULL,0,'url',X'9FF9EDB53C32E7F7BFABD46A2D85AAD37A7E1537',X'9FF9EDB55A42E04C9E328073E8FED8DDDD66FAA4',X'010174444DD53F9D820F77B443D4E1913706261C7BB09D32563F397B34167F877CE53B91CAE67C1EDCF72A34091A647CFFF23163C2B5F9671DC16AB63EE9D42F84C3DE415DD12C467973627D39001E82053D441567FCBDCD87AD362D6AB48C59D6F3CA21B82C8EC966FEA3E290DF7E5414FB8A14BEB7CACD6AC900029B5C2A312E','normal',2,'analysts','analyst','analysts','baseline',1795338000000000,NULL,NULL,'none',NULL,NULL,1795338000000000,1795338000000000,'country','NL',NULL,'NL',0.99,'01a229a4-73b0-753a-84a4-3c4d45713896',1795338000000000,'01a229a4-73bf-7719-b081-0f334a452a39',1,NULL,NULL,NULL,NULL,NULL,0,'[]',NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "cases" VALUES('01a229a4-73d4-7491-8257-b91194f1fa62','desk',3,NULL,NULL,NULL,0,'url',X'9FF9EDB5424D1716DA6D99A86EC871F8D5342C4E',NULL,X'010179A0F9F008DD466A419E28855C203E2AE571D9DF5EAFC66EBF5B6ED061E777CEF76FE753BE13729AD0726236134FB660E5E24BCB6C1C8776F31DF1DAFC93D86CCA3300E44BC47A384D37050DD7DAD3549388ED4936BF460E0D0EE9','normal',2,'form','public','form','unassessed',NULL,NULL,NULL,'none',NULL,NULL,1795338000000000,1795338000000000,'country','NL',NULL,'NL',0.99,'01a229a4-73d6-7399-b3d1-523b8157d573',1795338000000000,'01a229a4-73e0-70cb-92bb-3b8ba34d2fca',1,'not_assessed','nobody has assessed it yet',1795338000000000,1795424400000000,NULL,0,'[]',NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "cases" VALUES('01a229a4-73e8-76b8-9d8e-bba1fea028c0','closed',4,NULL,NULL,NULL,0,'url',X'9FF9EDB572DF7D1A9C5D76DB6A10044CB9B89BB0',NULL,X'0101FDD9B878B0222F924E521381BA1D87E29DB112C94AD23E2B95A59B079A9051DB09077274FE3AD3992452ED1ADE6C436084F7A25AFAC31FC85921BF3AC049AB40FEA765C68DBEDD6AA86DADE7CD18103C68FA055CB9D9519C12211D1D18A1B1','normal',2,'form','public','form','unassessed',NULL,NULL,NULL,'none',NULL,NULL,1795338000000000,1795338000000000,'country','NL',NULL,'NL',0.99,'01a229a4-73ec-73fb-a446-70cbcc44d851',1795338000000000,'01a229a4-73f3-7666-a6e0-e071fae50a53',1,NULL,NULL,1795338000000000,NULL,NULL,0,'[]',NULL,NULL,0,'not_illegal','A person closed it (person:anna).',1795338000000000);
CREATE TABLE checkpoints (
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    heads TEXT NOT NULL,
    root BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (number)
);
INSERT INTO "checkpoints" VALUES(1,1795338000000000,'{"01a229a4-733f-7658-85a3-55294bfd6229":[16,"b5bf8811825729f2ad45948521c8efed14edad94ecc9e2ab80064c2cfe9aaaef"]}',X'13AD34509ED026336D91CCC2D9D2A05A1D32843F75456B69411BBCFE92F50029',X'31847E37655EF9710824EB0D67B2144690C1BAC94386067F5C1306128155BE67E5694B3A92E413AFB84DDB4F750681C61A33AD6E9777DC877052362733A2570E');
CREATE TABLE decisions (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    trace_id TEXT,
    decided_at BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    facts TEXT NOT NULL,
    decision TEXT NOT NULL,
    sealed BLOB,
    PRIMARY KEY (id)
);
INSERT INTO "decisions" VALUES('01a229a4-73bf-7719-b081-0f334a452a39','01a229a4-73ab-7000-b001-ede266b93e4c','01a229a4-73b0-753a-84a4-3c4d45713896',1795338000000000,'policy',1,'{"kind":"url","verdict":"country","reasons":[],"hosting_country":"NL","registration_country":null,"countries":["NL"],"confidence":0.99,"has_hotline":true,"assessment":"baseline","urgency":"none","site_type":null,"commerciality":null,"account_country":null,"account_abroad":false,"account_has_hotline":false,"account_role":"unknown","source":"analysts","source_kind":"analyst","lane":"normal","platform":null,"flags":[],"moved":false,"bounced":0,"path":[]}','{"policy_version":1,"recipients":[{"partner":"hotline-nl","route":"hotline-abroad","copy_":false,"mode":"automatic","hold_until":null,"hold_reason":null}],"desk":[],"path":[{"route":"child-at-risk","matched":false,"because":"urgency is none, not imminent_risk or live"},{"route":"not-illegal","matched":false,"because":"assessment is baseline, not not_illegal"},{"route":"bounced-twice","matched":false,"because":"bounced is 0, not at least 2"},{"route":"shortened","matched":false,"because":"reasons is not known, not shortener"},{"route":"look-before-sending","matched":false,"because":"flags is not known, not carries_email or carries_session or carries_invite or carries_userinfo"},{"route":"not-assessed","matched":false,"because":"assessment is baseline, not unassessed"},{"route":"account-abroad","matched":false,"because":"account_abroad is no, not yes"},{"route":"account-decides","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"account-without-hotline","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"account-at-home","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"platform","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"hidden-network","matched":false,"because":"verdict is country, not no_host"},{"route":"no-host","matched":false,"because":"verdict is country, not no_host"},{"route":"origin-unknown","matched":false,"because":"verdict is country, not edge_only"},{"route":"edge","matched":false,"because":"verdict is country, not edge_only"},{"route":"split","matched":false,"because":"verdict is country, not split"},{"route":"conflict","matched":false,"because":"verdict is country, not conflict"},{"route":"unresolved","matched":false,"because":"verdict is country, not unresolved"},{"route":"doubtful","matched":false,"because":"confidence is 0.99, not below 0.9"},{"route":"hosted-at-home","matched":false,"because":"hosting_country is NL, not home"},{"route":"national-law-abroad","matched":false,"because":"assessment is baseline, not national"},{"route":"hotline-abroad","matched":true,"because":"has_hotline is yes"}],"assigned_country":"NL","refused":[],"by":"policy","reason":""}',NULL);
INSERT INTO "decisions" VALUES('01a229a4-73e0-70cb-92bb-3b8ba34d2fca','01a229a4-73d4-7491-8257-b91194f1fa62','01a229a4-73d6-7399-b3d1-523b8157d573',1795338000000000,'policy',1,'{"kind":"url","verdict":"country","reasons":[],"hosting_country":"NL","registration_country":null,"countries":["NL"],"confidence":0.99,"has_hotline":true,"assessment":"unassessed","urgency":"none","site_type":null,"commerciality":null,"account_country":null,"account_abroad":false,"account_has_hotline":false,"account_role":"unknown","source":"form","source_kind":"public","lane":"normal","platform":null,"flags":[],"moved":false,"bounced":0,"path":[]}','{"policy_version":1,"recipients":[{"partner":"hotline-nl","route":"hotline-abroad","copy_":false,"mode":"propose","hold_until":null,"hold_reason":null}],"desk":[{"code":"not_assessed","text":"nobody has assessed it yet","alarm":"P1D"}],"path":[{"route":"child-at-risk","matched":false,"because":"urgency is none, not imminent_risk or live"},{"route":"not-illegal","matched":false,"because":"assessment is unassessed, not not_illegal"},{"route":"bounced-twice","matched":false,"because":"bounced is 0, not at least 2"},{"route":"shortened","matched":false,"because":"reasons is not known, not shortener"},{"route":"look-before-sending","matched":false,"because":"flags is not known, not carries_email or carries_session or carries_invite or carries_userinfo"},{"route":"not-assessed","matched":true,"because":"assessment is unassessed"},{"route":"account-abroad","matched":false,"because":"account_abroad is no, not yes"},{"route":"account-decides","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"account-without-hotline","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"account-at-home","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"platform","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"hidden-network","matched":false,"because":"verdict is country, not no_host"},{"route":"no-host","matched":false,"because":"verdict is country, not no_host"},{"route":"origin-unknown","matched":false,"because":"verdict is country, not edge_only"},{"route":"edge","matched":false,"because":"verdict is country, not edge_only"},{"route":"split","matched":false,"because":"verdict is country, not split"},{"route":"conflict","matched":false,"because":"verdict is country, not conflict"},{"route":"unresolved","matched":false,"because":"verdict is country, not unresolved"},{"route":"doubtful","matched":false,"because":"confidence is 0.99, not below 0.9"},{"route":"hosted-at-home","matched":false,"because":"hosting_country is NL, not home"},{"route":"national-law-abroad","matched":false,"because":"assessment is unassessed, not national"},{"route":"hotline-abroad","matched":true,"because":"has_hotline is yes"}],"assigned_country":"NL","refused":[],"by":"policy","reason":""}',NULL);
INSERT INTO "decisions" VALUES('01a229a4-73f3-7666-a6e0-e071fae50a53','01a229a4-73e8-76b8-9d8e-bba1fea028c0','01a229a4-73ec-73fb-a446-70cbcc44d851',1795338000000000,'policy',1,'{"kind":"url","verdict":"country","reasons":[],"hosting_country":"NL","registration_country":null,"countries":["NL"],"confidence":0.99,"has_hotline":true,"assessment":"unassessed","urgency":"none","site_type":null,"commerciality":null,"account_country":null,"account_abroad":false,"account_has_hotline":false,"account_role":"unknown","source":"form","source_kind":"public","lane":"normal","platform":null,"flags":[],"moved":false,"bounced":0,"path":[]}','{"policy_version":1,"recipients":[{"partner":"hotline-nl","route":"hotline-abroad","copy_":false,"mode":"propose","hold_until":null,"hold_reason":null}],"desk":[{"code":"not_assessed","text":"nobody has assessed it yet","alarm":"P1D"}],"path":[{"route":"child-at-risk","matched":false,"because":"urgency is none, not imminent_risk or live"},{"route":"not-illegal","matched":false,"because":"assessment is unassessed, not not_illegal"},{"route":"bounced-twice","matched":false,"because":"bounced is 0, not at least 2"},{"route":"shortened","matched":false,"because":"reasons is not known, not shortener"},{"route":"look-before-sending","matched":false,"because":"flags is not known, not carries_email or carries_session or carries_invite or carries_userinfo"},{"route":"not-assessed","matched":true,"because":"assessment is unassessed"},{"route":"account-abroad","matched":false,"because":"account_abroad is no, not yes"},{"route":"account-decides","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"account-without-hotline","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"account-at-home","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"platform","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"hidden-network","matched":false,"because":"verdict is country, not no_host"},{"route":"no-host","matched":false,"because":"verdict is country, not no_host"},{"route":"origin-unknown","matched":false,"because":"verdict is country, not edge_only"},{"route":"edge","matched":false,"because":"verdict is country, not edge_only"},{"route":"split","matched":false,"because":"verdict is country, not split"},{"route":"conflict","matched":false,"because":"verdict is country, not conflict"},{"route":"unresolved","matched":false,"because":"verdict is country, not unresolved"},{"route":"doubtful","matched":false,"because":"confidence is 0.99, not below 0.9"},{"route":"hosted-at-home","matched":false,"because":"hosting_country is NL, not home"},{"route":"national-law-abroad","matched":false,"because":"assessment is unassessed, not national"},{"route":"hotline-abroad","matched":true,"because":"has_hotline is yes"}],"assigned_country":"NL","refused":[],"by":"policy","reason":""}',NULL);
CREATE TABLE directories (
    version INTEGER NOT NULL,
    published_at BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (version)
);
INSERT INTO "directories" VALUES(1,1764000000000000,'router','{"version": 1, "partners": []}');
CREATE TABLE epochs (
    epoch TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    signed_seq BIGINT NOT NULL,
    PRIMARY KEY (epoch)
);
INSERT INTO "epochs" VALUES('01a229a4-733f-7658-85a3-55294bfd6229',1795338000000000,16);
CREATE TABLE follow_ups (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    done_at BIGINT,
    finding TEXT,
    text TEXT,
    PRIMARY KEY (id)
);
INSERT INTO "follow_ups" VALUES('01a229a4-73d0-725b-8498-3c9554bbc42f','01a229a4-73ab-7000-b001-ede266b93e4c',1795770000000000,NULL,NULL,NULL);
CREATE TABLE idempotency (
    client TEXT NOT NULL,
    "key" TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    answer TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (client, "key")
);
INSERT INTO "idempotency" VALUES('source:form','k',X'6666666666666666666666666666666666666666666666666666666666666666','{}',1764000000000000);
CREATE TABLE inbox (
    peer TEXT NOT NULL,
    origin TEXT NOT NULL,
    origin_reference TEXT NOT NULL,
    referral_id TEXT NOT NULL,
    body_digest BLOB NOT NULL,
    receipt TEXT NOT NULL,
    case_id TEXT NOT NULL,
    taken_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    PRIMARY KEY (peer, referral_id)
);
INSERT INTO "inbox" VALUES('hotline-nl','hotline-nl','o','r',X'6464646464646464646464646464646464646464646464646464646464646464','receipt','c',1764000000000000,NULL);
CREATE TABLE items (
    id TEXT NOT NULL,
    report_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    case_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
INSERT INTO "items" VALUES('01a229a4-73ab-7000-b000-3305d6de6685','01a229a4-73ab-7000-afff-ab519d8a88b8',0,'01a229a4-73ab-7000-b001-ede266b93e4c',X'01017118B047F1BC64C01B27ECD94830BB9C20E2BD14397B7539A8D29223BD89FB3E7D96F706B9F632DF6CD28206E27608F825E3229EBD7DA010E44703422D586D2DBC49CAA2929D97F38020CDBA7ACE01706CD33A13D61DB5AC8B24344B6AD1DA3821469174C50746C4164F6004B721DB7B8FF9E135138EEDF182971CCD460091921CA9ABE957F0AC0674E43719C69148BE08D74355FA',1795338000000000);
INSERT INTO "items" VALUES('01a229a4-73d4-7491-8256-2d673ca02a10','01a229a4-73d4-7491-8255-93e0fae91164',0,'01a229a4-73d4-7491-8257-b91194f1fa62',X'010125DBA052161DD6B2BB5D1F7405862BC5540F6B6206B293B863C7F7077A023407420C6E0066919FABE8CAFF38CF12CBB28498F634F9BEFC992749E2416B9E98F52927A09A215419AE4C2781297B3695A93A8AEDC8CF',1795338000000000);
INSERT INTO "items" VALUES('01a229a4-73e8-76b8-9d8d-676740c5a745','01a229a4-73e8-76b8-9d8c-7b459010496b',0,'01a229a4-73e8-76b8-9d8e-bba1fea028c0',X'01016969E8C6E5815375B8C8526CE2F378C0DBFA5EF024CAFC096DE7B9C4A2B3DCF8B56867B1C9F0DC9F6498C4D4FA764B02DD6AB7AE756A551E68B11875B15116A71DD3F2F2E31061E4D9678E3F26E650B326520D66A13540942F',1795338000000000);
CREATE TABLE meta (
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('master_check',X'9FF9EDB55B38C8C31E53A120CEEF2DD7E659D3200B672A72B8E94AA55FD9477867AA612A');
CREATE TABLE nonces (
    peer TEXT NOT NULL,
    nonce TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (peer, nonce)
);
INSERT INTO "nonces" VALUES('hotline-nl','n',1764000000000000);
CREATE TABLE partner_state (
    partner TEXT NOT NULL,
    version INTEGER NOT NULL,
    breaker TEXT NOT NULL,
    failures INTEGER NOT NULL,
    opened_until BIGINT,
    paused TEXT,
    day BIGINT NOT NULL,
    sent_today INTEGER NOT NULL,
    tokens FLOAT NOT NULL,
    tokens_at BIGINT NOT NULL,
    PRIMARY KEY (partner)
);
INSERT INTO "partner_state" VALUES('hotline-ca',1,'closed',0,NULL,NULL,1764000000000000,0,1.5,1764000000000000);
CREATE TABLE policies (
    version INTEGER NOT NULL,
    published_at BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    digest BLOB NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (version)
);
INSERT INTO "policies" VALUES(1,1764000000000000,'router',X'7070707070707070707070707070707070707070707070707070707070707070','home = "BE"
ü = "''"');
CREATE TABLE referrals (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    partner TEXT NOT NULL,
    route TEXT NOT NULL,
    is_copy INTEGER NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    next_at BIGINT,
    claimed_by TEXT,
    claimed_until BIGINT,
    claims INTEGER DEFAULT 0 NOT NULL,
    rank INTEGER NOT NULL,
    lane TEXT NOT NULL,
    counted_on BIGINT,
    attempts INTEGER DEFAULT 0 NOT NULL,
    created_at BIGINT NOT NULL,
    hold_until BIGINT,
    hold_reason TEXT,
    payload BLOB,
    dialect TEXT,
    payload_digest BLOB,
    trace_id TEXT,
    may_have_arrived INTEGER DEFAULT 0 NOT NULL,
    first_sent_at BIGINT,
    accepted_at BIGINT,
    escalated_at BIGINT,
    receipt TEXT,
    last_reason TEXT,
    last_text TEXT,
    status_at BIGINT,
    supersedes TEXT,
    superseded_by TEXT,
    PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('waiting', 'held', 'sending', 'accepted', 'refused', 'expired', 'unknown', 'recall_pending', 'withdrawing', 'recalled', 'superseded')),
    CONSTRAINT pending_is_dated CHECK (state NOT IN ('waiting', 'sending', 'recall_pending', 'withdrawing') OR next_at IS NOT NULL),
    CONSTRAINT finished_has_no_date CHECK (state IN ('waiting', 'sending', 'recall_pending', 'withdrawing', 'held') OR next_at IS NULL),
    CONSTRAINT accepted_has_receipt CHECK (state <> 'accepted' OR receipt IS NOT NULL)
);
INSERT INTO "referrals" VALUES('01a229a4-73bf-7719-b082-ac116b2382c9','01a229a4-73ab-7000-b001-ede266b93e4c','01a229a4-73bf-7719-b081-0f334a452a39','hotline-nl','hotline-abroad',0,'accepted',4,NULL,NULL,NULL,0,2,'normal',NULL,0,1795338000000000,NULL,NULL,X'0101A303F115BD3EE5AE042033093AB2278B27B5F6B7F3342092AE33AEDCF7E9C7E2D9600C2D08E542BCB7C5DC5CEBCF2938603145821F5260BFA49C68475BB82206B2086682FF12564430464DB51DA6CA5C2D68689049B12DBB7468F6C5A0CFB07EFB64F806F98DE35FB54CAB1B864A2A7623B5D2F2553C2010A8416DB9A6238358380EDA586CCE16629B172821DB449346B842582D3D325BE344A59C2EFC31A5F8186A1EEF81D94097A374B82460559B3537B7E879FEF2284AD27D6D0DC2D53964B10DD93416C58AAB52C90B8B042B3D1ECEA904742AE6AE5180617A5C663F9A9D610D3EF3F99FD41F01EA20642E3F224AF6AD02EF0FB7D02CD12D9BC9F2D6ECA8ACCCB5D39FA3F58300343BE600F11142C51E6712BA00F63AF94B261B0907EC25F41D0AFCFBB0B637AD6C42155CE62974C7177C2C8E0A358C8621708739A633F74843B91E51CDF3969624017F2200644371D79941AB82E8E8585128FFB84C9000FC6EB90367B0AA77F9BED190D048E0E5B1BC2738D24B013D87737A671EA11D04865F9BF62A02B2199D906AAD728A364AEEB63637DBC305A6687A45A3463C1C6149AED27AED6B8601335479737B7D8C69DBE7199886F5D323ACAC54617BC4811FCA02A51331FBBFF15DE39CCF4F4DF101E95FA30CFCF5AE80C7D4947C1A92528FDAF1DCA6F660DFCDAE14C6C698EE32D8D2150D4FFDBB9124B8EED0A37881BE9593A56C3E462E9E1975B64F0236DBAF1BF2BC41F4C64C695E270A4AAD6D82CD366123A037BC5FBB0452ECA1872C6955A43BDCC9A17DD60BEDEDACBF8BE919D9DB82A98277CF6F8DBB580C432A0E4C1B6C511C219FD843F90F46F906D68FB6590260A0B2C89513AD19491FBEA123E361F960BD34153392D37D2A7855AF8A7A212B19C249F9AF53BCCFAE4C1CEF3846A2A2189775B91B2754E5E7FB8983EF7DEBF8E8502467EC4D205E9AC97CE5F1BDD58D70992BC87CF7F0F592FF36515DB651BF5158284753987A0F1E47108E74FCD95B8F85A5C9FD328EF8F7291C663B443CE14DEFFCE225396242C51930FE1CC7','scripted',X'9FF9EDB52B55A2584C6EFA280E900F024CA3BDFC091A772EC0CC11A2F8A6ED67F31E004D','01a229a4-73b0-753a-84a4-3c4d45713896',1,1795338000000000,1795338000000000,NULL,'receipt-01a229a4-73bf-7719-b082-ac116b2382c9','accepted','The partner has it.',NULL,NULL,NULL);
CREATE TABLE reports (
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    reference_bidx BLOB NOT NULL,
    body_digest BLOB NOT NULL,
    received_at BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    assessment TEXT NOT NULL,
    heard_at BIGINT,
    urgency TEXT NOT NULL,
    lane TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (reference_bidx, source)
);
INSERT INTO "reports" VALUES('01a229a4-73ab-7000-afff-ab519d8a88b8','analysts',X'9FF9EDB5E2B6BF4AA14BF4D7708AE978EAF6EEC9',X'9FF9EDB509CD4EFD541015F267151FFCC88D7E076D3732606B5F104D8C1C4EACBEBF7E06',1795338000000000,1795338000000000,'baseline',NULL,'none','normal');
INSERT INTO "reports" VALUES('01a229a4-73d4-7491-8255-93e0fae91164','form',X'9FF9EDB51B601E070E3CA1C3130BF94C4EB3BE00',X'9FF9EDB523EE42EA4E359C1CE789B23E78D8A4CEFE40C14C554F6AC3C75253A81DA2F8D8',1795338000000000,1795338000000000,'unassessed',NULL,'none','normal');
INSERT INTO "reports" VALUES('01a229a4-73e8-76b8-9d8c-7b459010496b','form',X'9FF9EDB5E837D3655D5B6C3FF772F9431A443D62',X'9FF9EDB5F8000CA55887FF73A74D51B3F7B3E79A78F1A7848E476C079F17F8E799613EC8',1795338000000000,1795338000000000,'unassessed',NULL,'none','normal');
CREATE TABLE sessions (
    digest BLOB NOT NULL,
    account_id TEXT NOT NULL,
    csrf TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (digest)
);
INSERT INTO "sessions" VALUES(X'7373737373737373737373737373737373737373737373737373737373737373','a','c',1764000000000000,1764000000000000,1764000000000000);
CREATE TABLE source_sent (
    source TEXT NOT NULL,
    partner TEXT NOT NULL,
    day BIGINT NOT NULL,
    sent INTEGER NOT NULL,
    PRIMARY KEY (source, partner)
);
INSERT INTO "source_sent" VALUES('form','hotline-nl',1764000000000000,3);
CREATE TABLE sources (
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    assesses INTEGER NOT NULL,
    lane TEXT NOT NULL,
    daily_cap INTEGER,
    PRIMARY KEY (name)
);
INSERT INTO "sources" VALUES('form','public',0,'normal',NULL);
INSERT INTO "sources" VALUES('analysts','analyst',1,'normal',NULL);
CREATE TABLE stops (
    scope TEXT NOT NULL,
    since BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (scope)
);
INSERT INTO "stops" VALUES('route:abroad',1764000000000000,'person:anna','a stop that was lifted');
CREATE TABLE tokens (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    digest BLOB NOT NULL,
    name TEXT NOT NULL,
    account_id TEXT,
    source TEXT,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (id),
    UNIQUE (digest)
);
INSERT INTO "tokens" VALUES('01a229a4-7401-77b5-93c9-0d6d085f97ca','api',X'4A033493F06B395CE9BF8A9431B2C9077525B9E9DB2F1F1D5D668F233CAEEC1D','test','01a229a4-73fd-7211-92e0-f2568173d23f',NULL,'audit:read case:read case:reveal desk:act locate ops:read partner:read partner:write policy:read policy:write referral:act referral:read report:assess report:read report:submit stop:act',1795338000000000,1826874000000000,NULL,NULL);
CREATE TABLE traces (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    traced_at BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    country TEXT,
    confidence FLOAT NOT NULL,
    outcome TEXT,
    sealed BLOB NOT NULL,
    PRIMARY KEY (id)
);
INSERT INTO "traces" VALUES('01a229a4-73b0-753a-84a4-3c4d45713896','01a229a4-73ab-7000-b001-ede266b93e4c',1795338000000000,'country','NL',0.99,NULL,X'010119C368EE722616B6F844A50AA8E2E77BA25E96A95CF2E241D5A65BEFC3B7AAB5192D5B89542C3417F587EE966B54BFB782B8808FB3996A54FF8E108EF19BC91001CC13624AC2B7DED9EC792EEB8C0C18AE0807D8201395982C2FB4291EF8D69464A92749937A8CDD3AE222AD64C3F1F5BFD935EC005050BDC845B13FC623E18AA435783F5AFF79CE3C17B555562C66338315C3B8CA6FDD5660A30FDB465B75D657F8453F7745CB');
INSERT INTO "traces" VALUES('01a229a4-73d6-7399-b3d1-523b8157d573','01a229a4-73d4-7491-8257-b91194f1fa62',1795338000000000,'country','NL',0.99,NULL,X'0101068D8DA95AEA5A16333DDF40FDB48AFBAE6044886E6358C5C14CDBD2DD89A44AE758A677E2A58AE1464C76C33860A1A27BDE3C3722365722EFE53F3BA06D8B4A254686CAB5E663FF0F853DB41D3FF456F27C7FF55DB65F7A2F76E4E4F6E4075F7EFF3445587F00DABC1A9291F8817C4030E400922B16044116FD32D9666FE7D227A579D1574BDBABC7D97444FE025B9F8317AD6D3407EC721B44D4D0BF');
INSERT INTO "traces" VALUES('01a229a4-73ec-73fb-a446-70cbcc44d851','01a229a4-73e8-76b8-9d8e-bba1fea028c0',1795338000000000,'country','NL',0.99,NULL,X'0101EA990299546D8C4CEA7D5609489D7B506959E8062A18B1F196EF600E5D0BB02F32E828A7782678CE741D57491F07F9C201FB73CF3FD68326C6F20919ECD5B63EFAFCC8F9A66BE5350BBB49983C2D4DB6CB8FBAEF14A3AFFD0850011A6C0C0E58F8CB345CB3C5D89D2F95F5FD2FE15086AE6950190AABA820E54BBD4F2D5FF845A9BE34C6CB6DDC3D17D5811CD4C924F324220A1ABB0B0234BFB2B8B6F0');
CREATE INDEX ix_actions_case_id ON actions (case_id);
CREATE INDEX ix_attempts_referral_id ON attempts (referral_id);
CREATE INDEX audit_case ON audit (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX case_desk ON cases (rank, desk_since) WHERE desk_code IS NOT NULL;
CREATE INDEX case_due ON cases (rank, next_at) WHERE next_at IS NOT NULL;
CREATE UNIQUE INDEX case_open_url ON cases (url_bidx) WHERE state <> 'closed';
CREATE INDEX ix_decisions_case_id ON decisions (case_id);
CREATE UNIQUE INDEX follow_up_open ON follow_ups (case_id) WHERE done_at IS NULL;
CREATE INDEX ix_follow_ups_case_id ON follow_ups (case_id);
CREATE INDEX ix_idempotency_at ON idempotency (at);
CREATE INDEX inbox_origin ON inbox (peer, origin, origin_reference);
CREATE INDEX ix_items_case_id ON items (case_id);
CREATE INDEX ix_items_report_id ON items (report_id);
CREATE INDEX ix_nonces_until ON nonces (until);
CREATE INDEX ix_referrals_case_id ON referrals (case_id);
CREATE INDEX referral_apart ON referrals (partner, next_at) WHERE state IN ('held', 'recall_pending', 'withdrawing');
CREATE INDEX referral_due ON referrals (partner, rank, next_at) WHERE next_at IS NOT NULL;
CREATE UNIQUE INDEX referral_live ON referrals (case_id, partner) WHERE state IN ('waiting', 'held', 'sending', 'recall_pending', 'accepted', 'unknown');
CREATE INDEX ix_traces_case_id ON traces (case_id);
COMMIT;
