CREATE TABLE accounts (
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	role TEXT NOT NULL,
	locale TEXT NOT NULL,
	disabled_at BIGINT,
	PRIMARY KEY (id),
	UNIQUE (name)
);

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

CREATE INDEX ix_actions_case_id ON actions (case_id);

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

CREATE INDEX ix_attempts_referral_id ON attempts (referral_id);

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

CREATE INDEX audit_case ON audit (case_id) WHERE case_id IS NOT NULL;

CREATE TABLE case_keys (
	case_id TEXT NOT NULL,
	wrapped BLOB NOT NULL,
	PRIMARY KEY (case_id)
);

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

CREATE INDEX case_desk ON cases (rank, desk_since) WHERE desk_code IS NOT NULL;

CREATE INDEX case_due ON cases (rank, next_at) WHERE next_at IS NOT NULL;

CREATE UNIQUE INDEX case_open_url ON cases (url_bidx) WHERE state <> 'closed';

CREATE TABLE checkpoints (
	number BIGINT NOT NULL,
	at BIGINT NOT NULL,
	heads TEXT NOT NULL,
	root BLOB NOT NULL,
	signature BLOB NOT NULL,
	PRIMARY KEY (number)
);

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

CREATE INDEX ix_decisions_case_id ON decisions (case_id);

CREATE TABLE directories (
	version INTEGER NOT NULL,
	published_at BIGINT NOT NULL,
	"by" TEXT NOT NULL,
	body TEXT NOT NULL,
	PRIMARY KEY (version)
);

CREATE TABLE epochs (
	epoch TEXT NOT NULL,
	opened_at BIGINT NOT NULL,
	signed_seq BIGINT NOT NULL,
	PRIMARY KEY (epoch)
);

CREATE TABLE follow_ups (
	id TEXT NOT NULL,
	case_id TEXT NOT NULL,
	due_at BIGINT NOT NULL,
	done_at BIGINT,
	finding TEXT,
	text TEXT,
	PRIMARY KEY (id)
);

CREATE UNIQUE INDEX follow_up_open ON follow_ups (case_id) WHERE done_at IS NULL;

CREATE INDEX ix_follow_ups_case_id ON follow_ups (case_id);

CREATE TABLE idempotency (
	client TEXT NOT NULL,
	"key" TEXT NOT NULL,
	fingerprint BLOB NOT NULL,
	answer TEXT,
	at BIGINT NOT NULL,
	PRIMARY KEY (client, "key")
);

CREATE INDEX ix_idempotency_at ON idempotency (at);

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

CREATE INDEX inbox_origin ON inbox (peer, origin, origin_reference);

CREATE TABLE items (
	id TEXT NOT NULL,
	report_id TEXT NOT NULL,
	position INTEGER NOT NULL,
	case_id TEXT NOT NULL,
	sealed BLOB NOT NULL,
	added_at BIGINT NOT NULL,
	PRIMARY KEY (id)
);

CREATE INDEX ix_items_case_id ON items (case_id);

CREATE INDEX ix_items_report_id ON items (report_id);

CREATE TABLE meta (
	name TEXT NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (name)
);

CREATE TABLE nonces (
	peer TEXT NOT NULL,
	nonce TEXT NOT NULL,
	until BIGINT NOT NULL,
	PRIMARY KEY (peer, nonce)
);

CREATE INDEX ix_nonces_until ON nonces (until);

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

CREATE TABLE policies (
	version INTEGER NOT NULL,
	published_at BIGINT NOT NULL,
	"by" TEXT NOT NULL,
	digest BLOB NOT NULL,
	body TEXT NOT NULL,
	PRIMARY KEY (version)
);

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

CREATE INDEX ix_referrals_case_id ON referrals (case_id);

CREATE INDEX referral_apart ON referrals (partner, next_at) WHERE state IN ('held', 'recall_pending', 'withdrawing');

CREATE INDEX referral_due ON referrals (partner, rank, next_at) WHERE next_at IS NOT NULL;

CREATE UNIQUE INDEX referral_live ON referrals (case_id, partner) WHERE state IN ('waiting', 'held', 'sending', 'recall_pending', 'accepted', 'unknown');

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

CREATE TABLE sessions (
	digest BLOB NOT NULL,
	account_id TEXT NOT NULL,
	csrf TEXT NOT NULL,
	started_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	PRIMARY KEY (digest)
);

CREATE TABLE source_sent (
	source TEXT NOT NULL,
	partner TEXT NOT NULL,
	day BIGINT NOT NULL,
	sent INTEGER NOT NULL,
	PRIMARY KEY (source, partner)
);

CREATE TABLE sources (
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	assesses INTEGER NOT NULL,
	lane TEXT NOT NULL,
	daily_cap INTEGER,
	PRIMARY KEY (name)
);

CREATE TABLE stops (
	scope TEXT NOT NULL,
	since BIGINT NOT NULL,
	"by" TEXT NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (scope)
);

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

CREATE INDEX ix_traces_case_id ON traces (case_id);
