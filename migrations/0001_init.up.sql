-- People -------------------------------------------------------------------------------------------------------------

CREATE TABLE users (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
    name          text NOT NULL DEFAULT '' CHECK (length(name) <= 200),
    role          text NOT NULL CHECK (role IN ('annotator', 'researcher', 'admin')),
    locale        text NOT NULL DEFAULT 'en',
    pseudonym     text NOT NULL UNIQUE,              -- what exports show
    password_hash text,                              -- argon2id, PHC string; null until one is set
    simulated     boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now(),
    disabled_at   timestamptz,
    UNIQUE (email)
);

-- scs' own layout.
CREATE TABLE sessions (
    token  text PRIMARY KEY,
    data   bytea NOT NULL,
    expiry timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);

-- Campaigns ----------------------------------------------------------------------------------------------------------

CREATE TABLE campaigns (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    kind          text NOT NULL DEFAULT 'ranking' CHECK (kind IN ('ranking')),
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paused', 'closed')),
    k             integer NOT NULL CHECK (k BETWEEN 2 AND 16),
    overlap       integer NOT NULL CHECK (overlap BETWEEN 1 AND 100),
    seed          bigint NOT NULL,
    generate_from text NOT NULL DEFAULT 'base',
    lease_seconds integer NOT NULL DEFAULT 1800 CHECK (lease_seconds BETWEEN 10 AND 86400),
    prompts       bigint NOT NULL DEFAULT 0,         -- counted here: millions of rows are slow to count
    responses     bigint NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- Guidelines are versioned; every judgment names the version it was made under.
CREATE TABLE guidelines (
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    version     integer NOT NULL CHECK (version >= 1),
    text        text NOT NULL CHECK (length(text) <= 200000),
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, version)
);

-- Campaigns with their newest guidelines; every campaign has a first version.
CREATE VIEW current_campaigns AS
SELECT c.id, c.name, c.kind, c.state, c.k, c.overlap, c.seed, c.generate_from, c.lease_seconds, c.prompts, c.responses,
    c.created_at, g.version AS guideline_version, g.text AS guidelines
FROM campaigns c
JOIN guidelines g ON g.campaign_id = c.id
WHERE g.version = (SELECT max(n.version) FROM guidelines n WHERE n.campaign_id = c.id);

-- A member's row is locked while a task is leased to them, so two tabs get the same lease. task_cursor is the last task
-- leased: the search for the next one starts behind it and does not walk again over what they have done.
CREATE TABLE campaign_members (
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    user_id     bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    task_cursor bigint NOT NULL DEFAULT 0,
    lease_id    bigint,                              -- the newest lease; ended or not, the lease says
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, user_id)
) WITH (fillfactor = 50);
CREATE INDEX campaign_members_user ON campaign_members (user_id);

-- Links that sign somebody in or invite them: single use, expiring, only the hash is kept.
CREATE TABLE links (
    token_hash  bytea PRIMARY KEY,
    purpose     text NOT NULL CHECK (purpose IN ('first_admin', 'sign_in', 'invitation')),
    role        text CHECK (role IN ('annotator', 'researcher', 'admin')),  -- invitations
    campaign_id bigint REFERENCES campaigns ON DELETE CASCADE,              -- invitations, may be null
    user_id     bigint REFERENCES users ON DELETE CASCADE,                  -- sign_in: whom
    created_by  bigint REFERENCES users ON DELETE SET NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    used_by     bigint REFERENCES users ON DELETE SET NULL
);

-- Prompts, responses, tasks ------------------------------------------------------------------------------------------

CREATE TABLE prompts (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id    bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    external_id    text NOT NULL,
    group_key      text NOT NULL,                    -- conversation or user: the unit of splits
    messages       jsonb NOT NULL,
    metadata       jsonb NOT NULL DEFAULT '{}',
    content_sha256 bytea NOT NULL,                   -- of the imported line's content: tells a repeat from a conflict
    created_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE (campaign_id, external_id)
);

CREATE TABLE responses (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    prompt_id    bigint NOT NULL REFERENCES prompts ON DELETE CASCADE,
    text         text NOT NULL,
    text_sha256  bytea NOT NULL,
    model        text NOT NULL,
    generated    boolean NOT NULL DEFAULT false,
    file_indexes integer[] NOT NULL,                 -- every place in the prompt set; the first is canonical
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (prompt_id, text_sha256)                  -- identical replies are one response
);

-- taken counts judgments plus live leases, so the check below is what makes a lease beyond the overlap impossible.
-- response_ids are the responses shown together, in file order; they are set once, when the task opens.
CREATE TABLE tasks (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id      bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    prompt_id        bigint NOT NULL REFERENCES prompts ON DELETE CASCADE,
    round            integer NOT NULL DEFAULT 1,
    state            text NOT NULL DEFAULT 'open' CHECK (state IN ('waiting', 'open', 'complete')), -- waiting: responses to generate
    overlap          integer NOT NULL,
    taken            integer NOT NULL DEFAULT 0,
    judged           integer NOT NULL DEFAULT 0,
    judged_simulated integer NOT NULL DEFAULT 0,     -- how many of judged are by simulated annotators
    skipped          integer NOT NULL DEFAULT 0,
    response_ids     bigint[] NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (prompt_id, round),
    CHECK (taken BETWEEN 0 AND overlap),
    CHECK (judged BETWEEN 0 AND taken),
    CHECK (judged_simulated BETWEEN 0 AND judged),
    CHECK (cardinality(response_ids) <= 16),
    CHECK (state = 'waiting' OR cardinality(response_ids) >= 2)
);
CREATE INDEX tasks_free ON tasks (campaign_id, id) WHERE state = 'open' AND taken < overlap;
CREATE INDEX tasks_waiting ON tasks (campaign_id, id) WHERE state = 'waiting';

-- Leases and judgments -----------------------------------------------------------------------------------------------

CREATE TABLE leases (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token             text NOT NULL UNIQUE,          -- 128 random bits
    task_id           bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    user_id           bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    order_shown       bigint[] NOT NULL,
    guideline_version integer NOT NULL,              -- what the annotator could read
    granted_at        timestamptz NOT NULL DEFAULT now(),
    expires_at        timestamptz NOT NULL,
    ended_at          timestamptz,
    outcome           text CHECK (outcome IN ('judged', 'skipped', 'expired', 'released')),
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
-- Never a task twice: at most one lease of a user and task is live, judged or skipped.
CREATE UNIQUE INDEX leases_once ON leases (task_id, user_id) WHERE outcome IS NULL OR outcome IN ('judged', 'skipped');
CREATE INDEX leases_expiry ON leases (expires_at) WHERE outcome IS NULL;

CREATE TABLE judgments (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id       bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    task_id           bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    user_id           bigint NOT NULL REFERENCES users ON DELETE RESTRICT,
    revision          integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    lease_id          bigint NOT NULL REFERENCES leases,
    tiers             jsonb NOT NULL,                -- [[response id, …], …], best tier first
    order_shown       bigint[] NOT NULL,
    kept_as_shown     boolean NOT NULL DEFAULT false,
    comment           text NOT NULL DEFAULT '' CHECK (length(comment) <= 5000),
    active_ms         bigint NOT NULL CHECK (active_ms >= 0),
    started_at        timestamptz NOT NULL,
    submitted_at      timestamptz NOT NULL DEFAULT now(),
    guideline_version integer NOT NULL,
    simulated         boolean NOT NULL,
    UNIQUE (task_id, user_id, revision),
    UNIQUE (lease_id, revision)                      -- a resend of the same lease cannot become a second judgment
);
CREATE INDEX judgments_user ON judgments (user_id, id);
CREATE INDEX judgments_progress ON judgments (user_id, campaign_id, submitted_at);
CREATE INDEX judgments_revised ON judgments (campaign_id) WHERE revision > 1;

CREATE TABLE skips (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id    bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    lease_id   bigint NOT NULL UNIQUE REFERENCES leases ON DELETE CASCADE,
    reason     text NOT NULL CHECK (length(reason) <= 2000),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (task_id, user_id)
);

-- Artifacts, snapshots, checkpoints ----------------------------------------------------------------------------------

-- What the artifact folder holds, by content. Deleting a row allows its file to be swept.
CREATE TABLE artifacts (
    sha256     text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes      bigint NOT NULL CHECK (bytes >= 0),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE snapshots (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name             text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    sha256           text NOT NULL REFERENCES artifacts,   -- JSON lines of records, in the native format
    seed             bigint NOT NULL,
    validation_share double precision NOT NULL CHECK (validation_share >= 0 AND validation_share < 1),
    counts           jsonb NOT NULL,                       -- the numbers of `snapshot show`
    created_by       bigint REFERENCES users ON DELETE SET NULL,
    created_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE snapshot_judgments (
    snapshot_id bigint NOT NULL REFERENCES snapshots ON DELETE CASCADE,
    judgment_id bigint NOT NULL REFERENCES judgments ON DELETE RESTRICT,
    split       text NOT NULL CHECK (split IN ('train', 'validation')),
    PRIMARY KEY (snapshot_id, judgment_id)
);

CREATE TABLE checkpoints (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._@-]{0,126}$'),
    kind       text NOT NULL CHECK (kind IN ('policy', 'reward', 'value')),
    base       text NOT NULL,                              -- the checkpoint it was trained from; itself for an import
    run_id     bigint,
    step       integer NOT NULL DEFAULT 0,
    parameters bigint NOT NULL,
    sha256     text NOT NULL REFERENCES artifacts,         -- manifest: file name → artifact
    meta       jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Runs ---------------------------------------------------------------------------------------------------------------

-- A run is owned through (owner, fence, heartbeat_at): whoever claims it raises fence by one, and only the transaction
-- that still finds its own fence may move the run's pointer. state_sha256 is the manifest it resumes from.
CREATE TABLE runs (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name           text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    kind           text NOT NULL CHECK (kind IN ('pretrain', 'sft', 'reward', 'ppo', 'dpo')),
    state          text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'stopping', 'stopped', 'succeeded', 'failed')),
    spec           jsonb NOT NULL,                         -- what was asked for: config, base, reward, snapshot, prompts, ptx
    spec_sha256    text NOT NULL,
    base           text NOT NULL,
    reward         text NOT NULL DEFAULT '',
    snapshot       text NOT NULL DEFAULT '',
    seed           bigint NOT NULL,
    step           integer NOT NULL DEFAULT 0,
    steps_total    integer NOT NULL DEFAULT 0,
    summary        jsonb NOT NULL DEFAULT '{}',            -- parameters, tokens seen, last metrics
    warnings       jsonb NOT NULL DEFAULT '[]',
    error          text NOT NULL DEFAULT '',
    kernels        text NOT NULL DEFAULT '',               -- the kernel set the run is pinned to
    owner          text NOT NULL DEFAULT '',
    fence          bigint NOT NULL DEFAULT 0,
    heartbeat_at   timestamptz,
    state_sha256   text REFERENCES artifacts,
    trained_ms     bigint NOT NULL DEFAULT 0,
    created_by     bigint REFERENCES users ON DELETE SET NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    started_at     timestamptz,
    finished_at    timestamptz
);
CREATE INDEX runs_claimable ON runs (created_at) WHERE state IN ('queued', 'running', 'stopping');
ALTER TABLE checkpoints ADD FOREIGN KEY (run_id) REFERENCES runs ON DELETE SET NULL;

CREATE TABLE run_metrics (
    run_id  bigint NOT NULL REFERENCES runs ON DELETE CASCADE,
    step    integer NOT NULL,
    at      timestamptz NOT NULL,
    metrics jsonb NOT NULL,
    PRIMARY KEY (run_id, step)
);

-- The tuned policy beside the reference on the same prompts.
CREATE TABLE run_samples (
    run_id    bigint NOT NULL REFERENCES runs ON DELETE CASCADE,
    step      integer NOT NULL,
    ordinal   integer NOT NULL,
    prompt    text NOT NULL,
    policy    text NOT NULL,
    reference text NOT NULL,
    metrics   jsonb NOT NULL DEFAULT '{}',                 -- score, score_reference, kl, tokens
    PRIMARY KEY (run_id, step, ordinal)
);

-- What was done by whom, kept apart from the logs.
CREATE TABLE audit_log (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    user_id bigint REFERENCES users ON DELETE SET NULL,
    action  text NOT NULL,
    object  text NOT NULL DEFAULT '',
    details jsonb NOT NULL DEFAULT '{}'
);

-- River's own migrations fill it.
CREATE SCHEMA river;
