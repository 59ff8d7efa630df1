CREATE TABLE public.accounts (
    id text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    locale text NOT NULL,
    disabled_at bigint
);

CREATE TABLE public.actions (
    id text NOT NULL,
    case_id text NOT NULL,
    referral_id text,
    action text NOT NULL,
    at bigint NOT NULL,
    by text NOT NULL,
    reason text
);

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE public.attempts (
    id text NOT NULL,
    referral_id text NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    outcome text NOT NULL,
    counted integer NOT NULL,
    reason text NOT NULL,
    text text NOT NULL,
    receipt text
);

CREATE TABLE public.audit (
    epoch text NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    act text NOT NULL,
    case_id text,
    referral_id text,
    detail text NOT NULL,
    sealed bytea,
    hash bytea NOT NULL
);

CREATE TABLE public.case_keys (
    case_id text NOT NULL,
    wrapped bytea NOT NULL
);

CREATE TABLE public.cases (
    id text NOT NULL,
    state text NOT NULL,
    version integer NOT NULL,
    next_at bigint,
    claimed_by text,
    claimed_until bigint,
    claims integer DEFAULT 0 NOT NULL,
    kind text NOT NULL,
    url_bidx bytea NOT NULL,
    host_bidx bytea,
    sealed bytea NOT NULL,
    lane text NOT NULL,
    rank integer NOT NULL,
    source text NOT NULL,
    source_kind text NOT NULL,
    cap_source text,
    assessment text NOT NULL,
    assessed_at bigint,
    staff_assessment text,
    staff_assessed_at bigint,
    urgency text NOT NULL,
    site_type text,
    commerciality text,
    received_at bigint NOT NULL,
    opened_at bigint NOT NULL,
    verdict text,
    hosting_country text,
    registration_country text,
    assigned_country text,
    confidence double precision,
    trace_id text,
    traced_at bigint,
    decision_id text,
    policy_version integer,
    desk_code text,
    desk_text text,
    desk_since bigint,
    desk_due bigint,
    moved_from text,
    bounced integer DEFAULT 0 NOT NULL,
    path text DEFAULT '[]'::text NOT NULL,
    origin text,
    origin_reference text,
    gone_checks integer DEFAULT 0 NOT NULL,
    outcome text,
    rests_on text,
    closed_at bigint,
    CONSTRAINT desk_has_its_reason CHECK (((state = 'desk'::text) = (desk_code IS NOT NULL))),
    CONSTRAINT nothing_waits_unseen CHECK ((((state = 'closed'::text) AND (outcome IS NOT NULL) AND (closed_at IS NOT NULL) AND (next_at IS NULL)) OR ((state <> 'closed'::text) AND ((next_at IS NOT NULL) OR (desk_code IS NOT NULL))))),
    CONSTRAINT state_known CHECK ((state = ANY (ARRAY['received'::text, 'located'::text, 'referred'::text, 'desk'::text, 'closed'::text])))
);

CREATE TABLE public.checkpoints (
    number bigint NOT NULL,
    at bigint NOT NULL,
    heads text NOT NULL,
    root bytea NOT NULL,
    signature bytea NOT NULL
);

CREATE SEQUENCE public.checkpoints_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.checkpoints_number_seq OWNED BY public.checkpoints.number;

CREATE TABLE public.decisions (
    id text NOT NULL,
    case_id text NOT NULL,
    trace_id text,
    decided_at bigint NOT NULL,
    by text NOT NULL,
    policy_version integer NOT NULL,
    facts text NOT NULL,
    decision text NOT NULL,
    sealed bytea
);

CREATE TABLE public.directories (
    version integer NOT NULL,
    published_at bigint NOT NULL,
    by text NOT NULL,
    body text NOT NULL
);

CREATE SEQUENCE public.directories_version_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.directories_version_seq OWNED BY public.directories.version;

CREATE TABLE public.epochs (
    epoch text NOT NULL,
    opened_at bigint NOT NULL,
    signed_seq bigint NOT NULL
);

CREATE TABLE public.follow_ups (
    id text NOT NULL,
    case_id text NOT NULL,
    due_at bigint NOT NULL,
    done_at bigint,
    finding text,
    text text
);

CREATE TABLE public.idempotency (
    client text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    answer text,
    at bigint NOT NULL
);

CREATE TABLE public.inbox (
    peer text NOT NULL,
    origin text NOT NULL,
    origin_reference text NOT NULL,
    referral_id text NOT NULL,
    body_digest bytea NOT NULL,
    receipt text NOT NULL,
    case_id text NOT NULL,
    taken_at bigint NOT NULL,
    withdrawn_at bigint
);

CREATE TABLE public.items (
    id text NOT NULL,
    report_id text NOT NULL,
    "position" integer NOT NULL,
    case_id text NOT NULL,
    sealed bytea NOT NULL,
    added_at bigint NOT NULL
);

CREATE TABLE public.meta (
    name text NOT NULL,
    value bytea NOT NULL
);

CREATE TABLE public.nonces (
    peer text NOT NULL,
    nonce text NOT NULL,
    until bigint NOT NULL
);

CREATE TABLE public.partner_state (
    partner text NOT NULL,
    version integer NOT NULL,
    breaker text NOT NULL,
    failures integer NOT NULL,
    opened_until bigint,
    paused text,
    day bigint NOT NULL,
    sent_today integer NOT NULL,
    tokens double precision NOT NULL,
    tokens_at bigint NOT NULL
);

CREATE TABLE public.policies (
    version integer NOT NULL,
    published_at bigint NOT NULL,
    by text NOT NULL,
    digest bytea NOT NULL,
    body text NOT NULL
);

CREATE SEQUENCE public.policies_version_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.policies_version_seq OWNED BY public.policies.version;

CREATE TABLE public.referrals (
    id text NOT NULL,
    case_id text NOT NULL,
    decision_id text NOT NULL,
    partner text NOT NULL,
    route text NOT NULL,
    is_copy integer NOT NULL,
    state text NOT NULL,
    version integer NOT NULL,
    next_at bigint,
    claimed_by text,
    claimed_until bigint,
    claims integer DEFAULT 0 NOT NULL,
    rank integer NOT NULL,
    lane text NOT NULL,
    counted_on bigint,
    attempts integer DEFAULT 0 NOT NULL,
    created_at bigint NOT NULL,
    hold_until bigint,
    hold_reason text,
    payload bytea,
    dialect text,
    payload_digest bytea,
    trace_id text,
    may_have_arrived integer DEFAULT 0 NOT NULL,
    first_sent_at bigint,
    accepted_at bigint,
    escalated_at bigint,
    receipt text,
    last_reason text,
    last_text text,
    status_at bigint,
    supersedes text,
    superseded_by text,
    CONSTRAINT accepted_has_receipt CHECK (((state <> 'accepted'::text) OR (receipt IS NOT NULL))),
    CONSTRAINT finished_has_no_date CHECK (((state = ANY (ARRAY['waiting'::text, 'sending'::text, 'recall_pending'::text, 'withdrawing'::text, 'held'::text])) OR (next_at IS NULL))),
    CONSTRAINT pending_is_dated CHECK (((state <> ALL (ARRAY['waiting'::text, 'sending'::text, 'recall_pending'::text, 'withdrawing'::text])) OR (next_at IS NOT NULL))),
    CONSTRAINT state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'held'::text, 'sending'::text, 'accepted'::text, 'refused'::text, 'expired'::text, 'unknown'::text, 'recall_pending'::text, 'withdrawing'::text, 'recalled'::text, 'superseded'::text])))
);

CREATE TABLE public.reports (
    id text NOT NULL,
    source text NOT NULL,
    reference_bidx bytea NOT NULL,
    body_digest bytea NOT NULL,
    received_at bigint NOT NULL,
    taken_at bigint NOT NULL,
    assessment text NOT NULL,
    heard_at bigint,
    urgency text NOT NULL,
    lane text NOT NULL
);

CREATE TABLE public.sessions (
    digest bytea NOT NULL,
    account_id text NOT NULL,
    csrf text NOT NULL,
    started_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    ends_at bigint NOT NULL
);

CREATE TABLE public.source_sent (
    source text NOT NULL,
    partner text NOT NULL,
    day bigint NOT NULL,
    sent integer NOT NULL
);

CREATE TABLE public.sources (
    name text NOT NULL,
    kind text NOT NULL,
    assesses integer NOT NULL,
    lane text NOT NULL,
    daily_cap integer
);

CREATE TABLE public.stops (
    scope text NOT NULL,
    since bigint NOT NULL,
    by text NOT NULL,
    reason text NOT NULL
);

CREATE TABLE public.tokens (
    id text NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    name text NOT NULL,
    account_id text,
    source text,
    scopes text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    used_at bigint,
    revoked_at bigint
);

CREATE TABLE public.traces (
    id text NOT NULL,
    case_id text NOT NULL,
    traced_at bigint NOT NULL,
    verdict text NOT NULL,
    country text,
    confidence double precision NOT NULL,
    outcome text,
    sealed bytea NOT NULL
);

ALTER TABLE ONLY public.checkpoints ALTER COLUMN number SET DEFAULT nextval('public.checkpoints_number_seq'::regclass);

ALTER TABLE ONLY public.directories ALTER COLUMN version SET DEFAULT nextval('public.directories_version_seq'::regclass);

ALTER TABLE ONLY public.policies ALTER COLUMN version SET DEFAULT nextval('public.policies_version_seq'::regclass);

INSERT INTO public.accounts VALUES ('01a229a4-73fd-7211-92e0-f2568173d23f', 'a-supervisor', 'supervisor', '', NULL);
INSERT INTO public.accounts VALUES ('01a229a4-7407-7064-98f8-e58f9beda7c5', 'berta', 'analyst', '', NULL);

INSERT INTO public.actions VALUES ('01a229a4-73fb-77e5-885a-8f6c6660e0fa', '01a229a4-73e8-76b8-9d8e-bba1fea028c0', NULL, 'NotIllegal', 1795338000000000, 'person:anna', NULL);

INSERT INTO public.alembic_version VALUES ('0001');

INSERT INTO public.attempts VALUES ('01a229a4-73d0-725b-8497-fdf9b457d1cf', '01a229a4-73bf-7719-b082-ac116b2382c9', 1795338000000000, 1795338000000000, 'accepted', 1, 'accepted', 'The partner has it.', 'receipt-01a229a4-73bf-7719-b082-ac116b2382c9');

INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 1, 1795338000000000, 'router', 'source.added', NULL, NULL, '{"assesses":false,"daily_cap":null,"kind":"public","lane":"normal","source":"form"}', NULL, '\xa348576a5d12ff9387cad73bbd115bf4a09cfe0e0c2ae4dc125dc094308a4655');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 2, 1795338000000000, 'router', 'source.added', NULL, NULL, '{"assesses":true,"daily_cap":null,"kind":"analyst","lane":"normal","source":"analysts"}', NULL, '\xf17acebcb20a0e4ee5f78e35842a8dd75ef59a717b5295ea870bc50e31fc8aba');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 3, 1795338000000000, 'source:analysts', 'case.opened', '01a229a4-73ab-7000-b001-ede266b93e4c', NULL, '{"report":"01a229a4-73ab-7000-afff-ab519d8a88b8","source":"analysts"}', NULL, '\xc89e0787b930751f83217346e5aa7f500a9f2a957044bdb15e37a99d8379bad9');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 4, 1795338000000000, 'router', 'case.located', '01a229a4-73ab-7000-b001-ede266b93e4c', NULL, '{"confidence":0.99,"country":"NL","reasons":[],"verdict":"country"}', NULL, '\x41ffcbad3b77679880d6c1c427f8fd4233b0324aea1a7b15c6b7f56e06113bd7');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 5, 1795338000000000, 'router', 'case.decided', '01a229a4-73ab-7000-b001-ede266b93e4c', NULL, '{"desk":[],"policy":1,"recipients":["hotline-nl"],"refused":[],"routes":["hotline-abroad"]}', NULL, '\xab757dd3e0f62bb536213cca3927f6644c0f893f1283f4126eab272812ce35a4');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 6, 1795338000000000, 'router', 'referral.attempted', '01a229a4-73ab-7000-b001-ede266b93e4c', '01a229a4-73bf-7719-b082-ac116b2382c9', '{"outcome":"accepted","partner":"hotline-nl","reason":"accepted","state":"accepted"}', NULL, '\x82f7590f6852fca36b261def9c708e3e9bc21a209730ecbc70b062488510c652');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 7, 1795338000000000, 'source:form', 'case.opened', '01a229a4-73d4-7491-8257-b91194f1fa62', NULL, '{"report":"01a229a4-73d4-7491-8255-93e0fae91164","source":"form"}', NULL, '\x291fce2cd1ba5eaf3fb794f41b54d36e3e42c8ec851e61bffe0818f3c77f4639');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 8, 1795338000000000, 'router', 'case.located', '01a229a4-73d4-7491-8257-b91194f1fa62', NULL, '{"confidence":0.99,"country":"NL","reasons":[],"verdict":"country"}', NULL, '\x04290cc080465e3f38b905dc5fc10e8a79ff51495a1f13a01269d61df0441e81');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 9, 1795338000000000, 'router', 'case.decided', '01a229a4-73d4-7491-8257-b91194f1fa62', NULL, '{"desk":["not_assessed"],"policy":1,"recipients":["hotline-nl"],"refused":[],"routes":["not-assessed","hotline-abroad"]}', NULL, '\x66d34e3250f8328e31729ee9b7d537772e03ae1965e54c44c75b7584ae116527');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 10, 1795338000000000, 'source:form', 'case.opened', '01a229a4-73e8-76b8-9d8e-bba1fea028c0', NULL, '{"report":"01a229a4-73e8-76b8-9d8c-7b459010496b","source":"form"}', NULL, '\x5bccb9f4337c5a0cd33437e020feeff49edd5992ac4d349260ff6de7df01b2a5');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 11, 1795338000000000, 'router', 'case.located', '01a229a4-73e8-76b8-9d8e-bba1fea028c0', NULL, '{"confidence":0.99,"country":"NL","reasons":[],"verdict":"country"}', NULL, '\xe80456ebb6f0288eeb8364159191e37243187f6e6be4285e3c79199008339bd5');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 12, 1795338000000000, 'router', 'case.decided', '01a229a4-73e8-76b8-9d8e-bba1fea028c0', NULL, '{"desk":["not_assessed"],"policy":1,"recipients":["hotline-nl"],"refused":[],"routes":["not-assessed","hotline-abroad"]}', NULL, '\x6bcd4fcdb6701a002c16c5398fa84c49f67feaf0f99a968864cf73bbc02a02f9');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 13, 1795338000000000, 'person:anna', 'case.closed', '01a229a4-73e8-76b8-9d8e-bba1fea028c0', NULL, '{"outcome":"not_illegal","typed":"01a229a4-73f8-7062-b53d-ed91d0d88e23"}', '\x0101eb040d9e7b4b0e9dde8d507a46460ca8ac8342a0842f3d274b92a2c08e3e880646c66d0f5244', '\x0a20e12d9be22ba5b3e1f6f405a8b75aeaf6c383a52101218741080b1f407f88');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 14, 1795338000000000, 'router', 'account.added', NULL, NULL, '{"account":"a-supervisor","role":"supervisor"}', NULL, '\x76c4b8fba07813593fc4e377da7eb82ba70918ffeff3b9466e01082aed7a5924');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 15, 1795338000000000, 'person:a-supervisor', 'token.created', NULL, NULL, '{"scopes":["audit:read","case:read","case:reveal","desk:act","locate","ops:read","partner:read","partner:write","policy:read","policy:write","referral:act","referral:read","report:assess","report:read","report:submit","stop:act"],"source":null,"token":"01a229a4-7401-77b5-93c9-0d6d085f97ca"}', NULL, '\xfd7972dd9a9edc39b8a3341aa26d6d1afdb664f034416d3cda69e9495bb5f93a');
INSERT INTO public.audit VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 16, 1795338000000000, 'router', 'account.added', NULL, NULL, '{"account":"berta","role":"analyst"}', NULL, '\xb5bf8811825729f2ad45948521c8efed14edad94ecc9e2ab80064c2cfe9aaaef');

INSERT INTO public.case_keys VALUES ('01a229a4-73ab-7000-b001-ede266b93e4c', '\x01019ff9edb59dfcee76c4888de0aec7a76d3f1d3ef76f8b0d8a28027f865cafcc1d898542ba550591bdab1395122cae307b7c9ca5f5702968a291a28c6f2ae529dc');
INSERT INTO public.case_keys VALUES ('01a229a4-73d4-7491-8257-b91194f1fa62', '\x01019ff9edb5f946c88d145fd0aa0c8cb6418e418ddc7f1e2d8414d0a1d709fc3519dd4d33b920ebf9bc33db73a3eeb260c6f934e7b7c4d2099c0535866bc428227c');
INSERT INTO public.case_keys VALUES ('01a229a4-73e8-76b8-9d8e-bba1fea028c0', '\x01019ff9edb556ff5a759bda2bf638c676b26267cd0e4843e0ca4aa9f95aa97857e5819a6fa3f0b8bbea634332285c8bfbe60d92eb1c3b2f1b45323d5c9e71547889');

INSERT INTO public.cases VALUES ('01a229a4-73ab-7000-b001-ede266b93e4c', 'referred', 3, 1795770000000000, NULL, NULL, 0, 'url', '\x9ff9edb53c32e7f7bfabd46a2d85aad37a7e1537', '\x9ff9edb55a42e04c9e328073e8fed8dddd66faa4', '\x010174444dd53f9d820f77b443d4e1913706261c7bb09d32563f397b34167f877ce53b91cae67c1edcf72a34091a647cfff23163c2b5f9671dc16ab63ee9d42f84c3de415dd12c467973627d39001e82053d441567fcbdcd87ad362d6ab48c59d6f3ca21b82c8ec966fea3e290df7e5414fb8a14beb7cacd6ac900029b5c2a312e', 'normal', 2, 'analysts', 'analyst', 'analysts', 'baseline', 1795338000000000, NULL, NULL, 'none', NULL, NULL, 1795338000000000, 1795338000000000, 'country', 'NL', NULL, 'NL', 0.99, '01a229a4-73b0-753a-84a4-3c4d45713896', 1795338000000000, '01a229a4-73bf-7719-b081-0f334a452a39', 1, NULL, NULL, NULL, NULL, NULL, 0, '[]', NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.cases VALUES ('01a229a4-73d4-7491-8257-b91194f1fa62', 'desk', 3, NULL, NULL, NULL, 0, 'url', '\x9ff9edb5424d1716da6d99a86ec871f8d5342c4e', NULL, '\x010179a0f9f008dd466a419e28855c203e2ae571d9df5eafc66ebf5b6ed061e777cef76fe753be13729ad0726236134fb660e5e24bcb6c1c8776f31df1dafc93d86cca3300e44bc47a384d37050dd7dad3549388ed4936bf460e0d0ee9', 'normal', 2, 'form', 'public', 'form', 'unassessed', NULL, NULL, NULL, 'none', NULL, NULL, 1795338000000000, 1795338000000000, 'country', 'NL', NULL, 'NL', 0.99, '01a229a4-73d6-7399-b3d1-523b8157d573', 1795338000000000, '01a229a4-73e0-70cb-92bb-3b8ba34d2fca', 1, 'not_assessed', 'nobody has assessed it yet', 1795338000000000, 1795424400000000, NULL, 0, '[]', NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.cases VALUES ('01a229a4-73e8-76b8-9d8e-bba1fea028c0', 'closed', 4, NULL, NULL, NULL, 0, 'url', '\x9ff9edb572df7d1a9c5d76db6a10044cb9b89bb0', NULL, '\x0101fdd9b878b0222f924e521381ba1d87e29db112c94ad23e2b95a59b079a9051db09077274fe3ad3992452ed1ade6c436084f7a25afac31fc85921bf3ac049ab40fea765c68dbedd6aa86dade7cd18103c68fa055cb9d9519c12211d1d18a1b1', 'normal', 2, 'form', 'public', 'form', 'unassessed', NULL, NULL, NULL, 'none', NULL, NULL, 1795338000000000, 1795338000000000, 'country', 'NL', NULL, 'NL', 0.99, '01a229a4-73ec-73fb-a446-70cbcc44d851', 1795338000000000, '01a229a4-73f3-7666-a6e0-e071fae50a53', 1, NULL, NULL, 1795338000000000, NULL, NULL, 0, '[]', NULL, NULL, 0, 'not_illegal', 'A person closed it (person:anna).', 1795338000000000);

INSERT INTO public.checkpoints VALUES (1, 1795338000000000, '{"01a229a4-733f-7658-85a3-55294bfd6229":[16,"b5bf8811825729f2ad45948521c8efed14edad94ecc9e2ab80064c2cfe9aaaef"]}', '\x13ad34509ed026336d91ccc2d9d2a05a1d32843f75456b69411bbcfe92f50029', '\x31847e37655ef9710824eb0d67b2144690c1bac94386067f5c1306128155be67e5694b3a92e413afb84ddb4f750681c61a33ad6e9777dc877052362733a2570e');

INSERT INTO public.decisions VALUES ('01a229a4-73bf-7719-b081-0f334a452a39', '01a229a4-73ab-7000-b001-ede266b93e4c', '01a229a4-73b0-753a-84a4-3c4d45713896', 1795338000000000, 'policy', 1, '{"kind":"url","verdict":"country","reasons":[],"hosting_country":"NL","registration_country":null,"countries":["NL"],"confidence":0.99,"has_hotline":true,"assessment":"baseline","urgency":"none","site_type":null,"commerciality":null,"account_country":null,"account_abroad":false,"account_has_hotline":false,"account_role":"unknown","source":"analysts","source_kind":"analyst","lane":"normal","platform":null,"flags":[],"moved":false,"bounced":0,"path":[]}', '{"policy_version":1,"recipients":[{"partner":"hotline-nl","route":"hotline-abroad","copy_":false,"mode":"automatic","hold_until":null,"hold_reason":null}],"desk":[],"path":[{"route":"child-at-risk","matched":false,"because":"urgency is none, not imminent_risk or live"},{"route":"not-illegal","matched":false,"because":"assessment is baseline, not not_illegal"},{"route":"bounced-twice","matched":false,"because":"bounced is 0, not at least 2"},{"route":"shortened","matched":false,"because":"reasons is not known, not shortener"},{"route":"look-before-sending","matched":false,"because":"flags is not known, not carries_email or carries_session or carries_invite or carries_userinfo"},{"route":"not-assessed","matched":false,"because":"assessment is baseline, not unassessed"},{"route":"account-abroad","matched":false,"because":"account_abroad is no, not yes"},{"route":"account-decides","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"account-without-hotline","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"account-at-home","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"platform","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"hidden-network","matched":false,"because":"verdict is country, not no_host"},{"route":"no-host","matched":false,"because":"verdict is country, not no_host"},{"route":"origin-unknown","matched":false,"because":"verdict is country, not edge_only"},{"route":"edge","matched":false,"because":"verdict is country, not edge_only"},{"route":"split","matched":false,"because":"verdict is country, not split"},{"route":"conflict","matched":false,"because":"verdict is country, not conflict"},{"route":"unresolved","matched":false,"because":"verdict is country, not unresolved"},{"route":"doubtful","matched":false,"because":"confidence is 0.99, not below 0.9"},{"route":"hosted-at-home","matched":false,"because":"hosting_country is NL, not home"},{"route":"national-law-abroad","matched":false,"because":"assessment is baseline, not national"},{"route":"hotline-abroad","matched":true,"because":"has_hotline is yes"}],"assigned_country":"NL","refused":[],"by":"policy","reason":""}', NULL);
INSERT INTO public.decisions VALUES ('01a229a4-73e0-70cb-92bb-3b8ba34d2fca', '01a229a4-73d4-7491-8257-b91194f1fa62', '01a229a4-73d6-7399-b3d1-523b8157d573', 1795338000000000, 'policy', 1, '{"kind":"url","verdict":"country","reasons":[],"hosting_country":"NL","registration_country":null,"countries":["NL"],"confidence":0.99,"has_hotline":true,"assessment":"unassessed","urgency":"none","site_type":null,"commerciality":null,"account_country":null,"account_abroad":false,"account_has_hotline":false,"account_role":"unknown","source":"form","source_kind":"public","lane":"normal","platform":null,"flags":[],"moved":false,"bounced":0,"path":[]}', '{"policy_version":1,"recipients":[{"partner":"hotline-nl","route":"hotline-abroad","copy_":false,"mode":"propose","hold_until":null,"hold_reason":null}],"desk":[{"code":"not_assessed","text":"nobody has assessed it yet","alarm":"P1D"}],"path":[{"route":"child-at-risk","matched":false,"because":"urgency is none, not imminent_risk or live"},{"route":"not-illegal","matched":false,"because":"assessment is unassessed, not not_illegal"},{"route":"bounced-twice","matched":false,"because":"bounced is 0, not at least 2"},{"route":"shortened","matched":false,"because":"reasons is not known, not shortener"},{"route":"look-before-sending","matched":false,"because":"flags is not known, not carries_email or carries_session or carries_invite or carries_userinfo"},{"route":"not-assessed","matched":true,"because":"assessment is unassessed"},{"route":"account-abroad","matched":false,"because":"account_abroad is no, not yes"},{"route":"account-decides","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"account-without-hotline","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"account-at-home","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"platform","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"hidden-network","matched":false,"because":"verdict is country, not no_host"},{"route":"no-host","matched":false,"because":"verdict is country, not no_host"},{"route":"origin-unknown","matched":false,"because":"verdict is country, not edge_only"},{"route":"edge","matched":false,"because":"verdict is country, not edge_only"},{"route":"split","matched":false,"because":"verdict is country, not split"},{"route":"conflict","matched":false,"because":"verdict is country, not conflict"},{"route":"unresolved","matched":false,"because":"verdict is country, not unresolved"},{"route":"doubtful","matched":false,"because":"confidence is 0.99, not below 0.9"},{"route":"hosted-at-home","matched":false,"because":"hosting_country is NL, not home"},{"route":"national-law-abroad","matched":false,"because":"assessment is unassessed, not national"},{"route":"hotline-abroad","matched":true,"because":"has_hotline is yes"}],"assigned_country":"NL","refused":[],"by":"policy","reason":""}', NULL);
INSERT INTO public.decisions VALUES ('01a229a4-73f3-7666-a6e0-e071fae50a53', '01a229a4-73e8-76b8-9d8e-bba1fea028c0', '01a229a4-73ec-73fb-a446-70cbcc44d851', 1795338000000000, 'policy', 1, '{"kind":"url","verdict":"country","reasons":[],"hosting_country":"NL","registration_country":null,"countries":["NL"],"confidence":0.99,"has_hotline":true,"assessment":"unassessed","urgency":"none","site_type":null,"commerciality":null,"account_country":null,"account_abroad":false,"account_has_hotline":false,"account_role":"unknown","source":"form","source_kind":"public","lane":"normal","platform":null,"flags":[],"moved":false,"bounced":0,"path":[]}', '{"policy_version":1,"recipients":[{"partner":"hotline-nl","route":"hotline-abroad","copy_":false,"mode":"propose","hold_until":null,"hold_reason":null}],"desk":[{"code":"not_assessed","text":"nobody has assessed it yet","alarm":"P1D"}],"path":[{"route":"child-at-risk","matched":false,"because":"urgency is none, not imminent_risk or live"},{"route":"not-illegal","matched":false,"because":"assessment is unassessed, not not_illegal"},{"route":"bounced-twice","matched":false,"because":"bounced is 0, not at least 2"},{"route":"shortened","matched":false,"because":"reasons is not known, not shortener"},{"route":"look-before-sending","matched":false,"because":"flags is not known, not carries_email or carries_session or carries_invite or carries_userinfo"},{"route":"not-assessed","matched":true,"because":"assessment is unassessed"},{"route":"account-abroad","matched":false,"because":"account_abroad is no, not yes"},{"route":"account-decides","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"account-without-hotline","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"account-at-home","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"platform","matched":false,"because":"verdict is country, not edge_only or no_host"},{"route":"hidden-network","matched":false,"because":"verdict is country, not no_host"},{"route":"no-host","matched":false,"because":"verdict is country, not no_host"},{"route":"origin-unknown","matched":false,"because":"verdict is country, not edge_only"},{"route":"edge","matched":false,"because":"verdict is country, not edge_only"},{"route":"split","matched":false,"because":"verdict is country, not split"},{"route":"conflict","matched":false,"because":"verdict is country, not conflict"},{"route":"unresolved","matched":false,"because":"verdict is country, not unresolved"},{"route":"doubtful","matched":false,"because":"confidence is 0.99, not below 0.9"},{"route":"hosted-at-home","matched":false,"because":"hosting_country is NL, not home"},{"route":"national-law-abroad","matched":false,"because":"assessment is unassessed, not national"},{"route":"hotline-abroad","matched":true,"because":"has_hotline is yes"}],"assigned_country":"NL","refused":[],"by":"policy","reason":""}', NULL);

INSERT INTO public.directories VALUES (1, 1764000000000000, 'router', '{"version": 1, "partners": []}');

INSERT INTO public.epochs VALUES ('01a229a4-733f-7658-85a3-55294bfd6229', 1795338000000000, 16);

INSERT INTO public.follow_ups VALUES ('01a229a4-73d0-725b-8498-3c9554bbc42f', '01a229a4-73ab-7000-b001-ede266b93e4c', 1795770000000000, NULL, NULL, NULL);

INSERT INTO public.idempotency VALUES ('source:form', 'k', '\x6666666666666666666666666666666666666666666666666666666666666666', '{}', 1764000000000000);

INSERT INTO public.inbox VALUES ('hotline-nl', 'hotline-nl', 'o', 'r', '\x6464646464646464646464646464646464646464646464646464646464646464', 'receipt', 'c', 1764000000000000, NULL);

INSERT INTO public.items VALUES ('01a229a4-73ab-7000-b000-3305d6de6685', '01a229a4-73ab-7000-afff-ab519d8a88b8', 0, '01a229a4-73ab-7000-b001-ede266b93e4c', '\x01017118b047f1bc64c01b27ecd94830bb9c20e2bd14397b7539a8d29223bd89fb3e7d96f706b9f632df6cd28206e27608f825e3229ebd7da010e44703422d586d2dbc49caa2929d97f38020cdba7ace01706cd33a13d61db5ac8b24344b6ad1da3821469174c50746c4164f6004b721db7b8ff9e135138eedf182971ccd460091921ca9abe957f0ac0674e43719c69148be08d74355fa', 1795338000000000);
INSERT INTO public.items VALUES ('01a229a4-73d4-7491-8256-2d673ca02a10', '01a229a4-73d4-7491-8255-93e0fae91164', 0, '01a229a4-73d4-7491-8257-b91194f1fa62', '\x010125dba052161dd6b2bb5d1f7405862bc5540f6b6206b293b863c7f7077a023407420c6e0066919fabe8caff38cf12cbb28498f634f9befc992749e2416b9e98f52927a09a215419ae4c2781297b3695a93a8aedc8cf', 1795338000000000);
INSERT INTO public.items VALUES ('01a229a4-73e8-76b8-9d8d-676740c5a745', '01a229a4-73e8-76b8-9d8c-7b459010496b', 0, '01a229a4-73e8-76b8-9d8e-bba1fea028c0', '\x01016969e8c6e5815375b8c8526ce2f378c0dbfa5ef024cafc096de7b9c4a2b3dcf8b56867b1c9f0dc9f6498c4d4fa764b02dd6ab7ae756a551e68b11875b15116a71dd3f2f2e31061e4d9678e3f26e650b326520d66a13540942f', 1795338000000000);

INSERT INTO public.meta VALUES ('master_check', '\x9ff9edb55b38c8c31e53a120ceef2dd7e659d3200b672a72b8e94aa55fd9477867aa612a');

INSERT INTO public.nonces VALUES ('hotline-nl', 'n', 1764000000000000);

INSERT INTO public.partner_state VALUES ('hotline-ca', 1, 'closed', 0, NULL, NULL, 1764000000000000, 0, 1.5, 1764000000000000);

INSERT INTO public.policies VALUES (1, 1764000000000000, 'router', '\x7070707070707070707070707070707070707070707070707070707070707070', 'home = "BE"
ü = "''"');

INSERT INTO public.referrals VALUES ('01a229a4-73bf-7719-b082-ac116b2382c9', '01a229a4-73ab-7000-b001-ede266b93e4c', '01a229a4-73bf-7719-b081-0f334a452a39', 'hotline-nl', 'hotline-abroad', 0, 'accepted', 4, NULL, NULL, NULL, 0, 2, 'normal', NULL, 0, 1795338000000000, NULL, NULL, '\x0101a303f115bd3ee5ae042033093ab2278b27b5f6b7f3342092ae33aedcf7e9c7e2d9600c2d08e542bcb7c5dc5cebcf2938603145821f5260bfa49c68475bb82206b2086682ff12564430464db51da6ca5c2d68689049b12dbb7468f6c5a0cfb07efb64f806f98de35fb54cab1b864a2a7623b5d2f2553c2010a8416db9a6238358380eda586cce16629b172821db449346b842582d3d325be344a59c2efc31a5f8186a1eef81d94097a374b82460559b3537b7e879fef2284ad27d6d0dc2d53964b10dd93416c58aab52c90b8b042b3d1ecea904742ae6ae5180617a5c663f9a9d610d3ef3f99fd41f01ea20642e3f224af6ad02ef0fb7d02cd12d9bc9f2d6eca8acccb5d39fa3f58300343be600f11142c51e6712ba00f63af94b261b0907ec25f41d0afcfbb0b637ad6c42155ce62974c7177c2c8e0a358c8621708739a633f74843b91e51cdf3969624017f2200644371d79941ab82e8e8585128ffb84c9000fc6eb90367b0aa77f9bed190d048e0e5b1bc2738d24b013d87737a671ea11d04865f9bf62a02b2199d906aad728a364aeeb63637dbc305a6687a45a3463c1c6149aed27aed6b8601335479737b7d8c69dbe7199886f5d323acac54617bc4811fca02a51331fbbff15de39ccf4f4df101e95fa30cfcf5ae80c7d4947c1a92528fdaf1dca6f660dfcdae14c6c698ee32d8d2150d4ffdbb9124b8eed0a37881be9593a56c3e462e9e1975b64f0236dbaf1bf2bc41f4c64c695e270a4aad6d82cd366123a037bc5fbb0452eca1872c6955a43bdcc9a17dd60bededacbf8be919d9db82a98277cf6f8dbb580c432a0e4c1b6c511c219fd843f90f46f906d68fb6590260a0b2c89513ad19491fbea123e361f960bd34153392d37d2a7855af8a7a212b19c249f9af53bccfae4c1cef3846a2a2189775b91b2754e5e7fb8983ef7debf8e8502467ec4d205e9ac97ce5f1bdd58d70992bc87cf7f0f592ff36515db651bf5158284753987a0f1e47108e74fcd95b8f85a5c9fd328ef8f7291c663b443ce14deffce225396242c51930fe1cc7', 'scripted', '\x9ff9edb52b55a2584c6efa280e900f024ca3bdfc091a772ec0cc11a2f8a6ed67f31e004d', '01a229a4-73b0-753a-84a4-3c4d45713896', 1, 1795338000000000, 1795338000000000, NULL, 'receipt-01a229a4-73bf-7719-b082-ac116b2382c9', 'accepted', 'The partner has it.', NULL, NULL, NULL);

INSERT INTO public.reports VALUES ('01a229a4-73ab-7000-afff-ab519d8a88b8', 'analysts', '\x9ff9edb5e2b6bf4aa14bf4d7708ae978eaf6eec9', '\x9ff9edb509cd4efd541015f267151ffcc88d7e076d3732606b5f104d8c1c4eacbebf7e06', 1795338000000000, 1795338000000000, 'baseline', NULL, 'none', 'normal');
INSERT INTO public.reports VALUES ('01a229a4-73d4-7491-8255-93e0fae91164', 'form', '\x9ff9edb51b601e070e3ca1c3130bf94c4eb3be00', '\x9ff9edb523ee42ea4e359c1ce789b23e78d8a4cefe40c14c554f6ac3c75253a81da2f8d8', 1795338000000000, 1795338000000000, 'unassessed', NULL, 'none', 'normal');
INSERT INTO public.reports VALUES ('01a229a4-73e8-76b8-9d8c-7b459010496b', 'form', '\x9ff9edb5e837d3655d5b6c3ff772f9431a443d62', '\x9ff9edb5f8000ca55887ff73a74d51b3f7b3e79a78f1a7848e476c079f17f8e799613ec8', 1795338000000000, 1795338000000000, 'unassessed', NULL, 'none', 'normal');

INSERT INTO public.sessions VALUES ('\x7373737373737373737373737373737373737373737373737373737373737373', 'a', 'c', 1764000000000000, 1764000000000000, 1764000000000000);

INSERT INTO public.source_sent VALUES ('form', 'hotline-nl', 1764000000000000, 3);

INSERT INTO public.sources VALUES ('form', 'public', 0, 'normal', NULL);
INSERT INTO public.sources VALUES ('analysts', 'analyst', 1, 'normal', NULL);

INSERT INTO public.stops VALUES ('route:abroad', 1764000000000000, 'person:anna', 'a stop that was lifted');

INSERT INTO public.tokens VALUES ('01a229a4-7401-77b5-93c9-0d6d085f97ca', 'api', '\x4a033493f06b395ce9bf8a9431b2c9077525b9e9db2f1f1d5d668f233caeec1d', 'test', '01a229a4-73fd-7211-92e0-f2568173d23f', NULL, 'audit:read case:read case:reveal desk:act locate ops:read partner:read partner:write policy:read policy:write referral:act referral:read report:assess report:read report:submit stop:act', 1795338000000000, 1826874000000000, NULL, NULL);

INSERT INTO public.traces VALUES ('01a229a4-73b0-753a-84a4-3c4d45713896', '01a229a4-73ab-7000-b001-ede266b93e4c', 1795338000000000, 'country', 'NL', 0.99, NULL, '\x010119c368ee722616b6f844a50aa8e2e77ba25e96a95cf2e241d5a65befc3b7aab5192d5b89542c3417f587ee966b54bfb782b8808fb3996a54ff8e108ef19bc91001cc13624ac2b7ded9ec792eeb8c0c18ae0807d8201395982c2fb4291ef8d69464a92749937a8cdd3ae222ad64c3f1f5bfd935ec005050bdc845b13fc623e18aa435783f5aff79ce3c17b555562c66338315c3b8ca6fdd5660a30fdb465b75d657f8453f7745cb');
INSERT INTO public.traces VALUES ('01a229a4-73d6-7399-b3d1-523b8157d573', '01a229a4-73d4-7491-8257-b91194f1fa62', 1795338000000000, 'country', 'NL', 0.99, NULL, '\x0101068d8da95aea5a16333ddf40fdb48afbae6044886e6358c5c14cdbd2dd89a44ae758a677e2a58ae1464c76c33860a1a27bde3c3722365722efe53f3ba06d8b4a254686cab5e663ff0f853db41d3ff456f27c7ff55db65f7a2f76e4e4f6e4075f7eff3445587f00dabc1a9291f8817c4030e400922b16044116fd32d9666fe7d227a579d1574bdbabc7d97444fe025b9f8317ad6d3407ec721b44d4d0bf');
INSERT INTO public.traces VALUES ('01a229a4-73ec-73fb-a446-70cbcc44d851', '01a229a4-73e8-76b8-9d8e-bba1fea028c0', 1795338000000000, 'country', 'NL', 0.99, NULL, '\x0101ea990299546d8c4cea7d5609489d7b506959e8062a18b1f196ef600e5d0bb02f32e828a7782678ce741d57491f07f9c201fb73cf3fd68326c6f20919ecd5b63efafcc8f9a66be5350bbb49983c2d4db6cb8fbaef14a3affd0850011a6c0c0e58f8cb345cb3c5d89d2f95f5fd2fe15086ae6950190aaba820e54bbd4f2d5ff845a9be34c6cb6ddc3d17d5811cd4c924f324220a1abb0b0234bfb2b8b6f0');

SELECT pg_catalog.setval('public.checkpoints_number_seq', 1, false);

SELECT pg_catalog.setval('public.directories_version_seq', 1, false);

SELECT pg_catalog.setval('public.policies_version_seq', 1, false);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_name_key UNIQUE (name);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.actions
    ADD CONSTRAINT actions_case_id_by_action_at_key UNIQUE (case_id, by, action, at);

ALTER TABLE ONLY public.actions
    ADD CONSTRAINT actions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (epoch, seq);

ALTER TABLE ONLY public.case_keys
    ADD CONSTRAINT case_keys_pkey PRIMARY KEY (case_id);

ALTER TABLE ONLY public.cases
    ADD CONSTRAINT cases_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.directories
    ADD CONSTRAINT directories_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.epochs
    ADD CONSTRAINT epochs_pkey PRIMARY KEY (epoch);

ALTER TABLE ONLY public.follow_ups
    ADD CONSTRAINT follow_ups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (client, key);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (peer, referral_id);

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.nonces
    ADD CONSTRAINT nonces_pkey PRIMARY KEY (peer, nonce);

ALTER TABLE ONLY public.partner_state
    ADD CONSTRAINT partner_state_pkey PRIMARY KEY (partner);

ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_reference_bidx_source_key UNIQUE (reference_bidx, source);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY public.source_sent
    ADD CONSTRAINT source_sent_pkey PRIMARY KEY (source, partner);

ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.stops
    ADD CONSTRAINT stops_pkey PRIMARY KEY (scope);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.traces
    ADD CONSTRAINT traces_pkey PRIMARY KEY (id);

CREATE INDEX audit_case ON public.audit USING btree (case_id) WHERE (case_id IS NOT NULL);

CREATE INDEX case_desk ON public.cases USING btree (rank, desk_since) WHERE (desk_code IS NOT NULL);

CREATE INDEX case_due ON public.cases USING btree (rank, next_at) WHERE (next_at IS NOT NULL);

CREATE UNIQUE INDEX case_open_url ON public.cases USING btree (url_bidx) WHERE (state <> 'closed'::text);

CREATE UNIQUE INDEX follow_up_open ON public.follow_ups USING btree (case_id) WHERE (done_at IS NULL);

CREATE INDEX inbox_origin ON public.inbox USING btree (peer, origin, origin_reference);

CREATE INDEX ix_actions_case_id ON public.actions USING btree (case_id);

CREATE INDEX ix_attempts_referral_id ON public.attempts USING btree (referral_id);

CREATE INDEX ix_decisions_case_id ON public.decisions USING btree (case_id);

CREATE INDEX ix_follow_ups_case_id ON public.follow_ups USING btree (case_id);

CREATE INDEX ix_idempotency_at ON public.idempotency USING btree (at);

CREATE INDEX ix_items_case_id ON public.items USING btree (case_id);

CREATE INDEX ix_items_report_id ON public.items USING btree (report_id);

CREATE INDEX ix_nonces_until ON public.nonces USING btree (until);

CREATE INDEX ix_referrals_case_id ON public.referrals USING btree (case_id);

CREATE INDEX ix_traces_case_id ON public.traces USING btree (case_id);

CREATE INDEX referral_apart ON public.referrals USING btree (partner, next_at) WHERE (state = ANY (ARRAY['held'::text, 'recall_pending'::text, 'withdrawing'::text]));

CREATE INDEX referral_due ON public.referrals USING btree (partner, rank, next_at) WHERE (next_at IS NOT NULL);

CREATE UNIQUE INDEX referral_live ON public.referrals USING btree (case_id, partner) WHERE (state = ANY (ARRAY['waiting'::text, 'held'::text, 'sending'::text, 'recall_pending'::text, 'accepted'::text, 'unknown'::text]));
