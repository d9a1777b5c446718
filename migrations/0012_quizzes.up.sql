-- What people answer before their first task of a campaign. Versioned apart from the guidelines: a correction of either
-- does not ask for the other again.
CREATE TABLE quizzes (
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    version     integer NOT NULL CHECK (version >= 1),
    quiz        jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, version)
);

-- The version that is asked now, and the earliest that still counts as passed; 0 of both where none is asked.
ALTER TABLE campaigns
    ADD COLUMN quiz_version integer NOT NULL DEFAULT 0,
    ADD COLUMN quiz_from integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT campaigns_quiz_check CHECK (quiz_from BETWEEN 0 AND quiz_version AND (quiz_from = 0) = (quiz_version = 0));

-- Attempts are numbered by person, over all versions: the number is the key under which one that is sent twice is
-- stored once. Voided attempts count neither as used nor as passed: an admin let the person start over.
CREATE TABLE quiz_attempts (
    campaign_id  bigint NOT NULL,
    user_id      bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    number       integer NOT NULL CHECK (number >= 1),
    version      integer NOT NULL,
    answers      jsonb NOT NULL,
    marks        boolean[] NOT NULL,                 -- by item: answered right
    passed       boolean NOT NULL,
    submitted_at timestamptz NOT NULL DEFAULT now(),
    voided_at    timestamptz,
    PRIMARY KEY (campaign_id, user_id, number),
    FOREIGN KEY (campaign_id, version) REFERENCES quizzes ON DELETE CASCADE
);
