-- Who has read which version of a campaign's guidelines, and said so. Only who read the newest is given tasks.
CREATE TABLE guideline_readings (
    campaign_id bigint NOT NULL,
    user_id     bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    version     integer NOT NULL,
    read_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, user_id, version),
    FOREIGN KEY (campaign_id, version) REFERENCES guidelines ON DELETE CASCADE
);

-- Qualification quizzes, versioned. While the newest has questions, only who passed is given tasks: one of its own
-- attempts, or of a version since passes_from.
CREATE TABLE quizzes (
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    version     integer NOT NULL CHECK (version >= 1),
    quiz        jsonb NOT NULL,
    questions   integer NOT NULL CHECK (questions >= 0),   -- 0 switches the quiz off
    passes_from integer NOT NULL CHECK (passes_from BETWEEN 1 AND version),
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, version)
);

-- What somebody answered. It is never a judgment: nothing here can enter a snapshot or an export.
CREATE TABLE quiz_attempts (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id bigint NOT NULL,
    version     integer NOT NULL,
    user_id     bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    number      integer NOT NULL CHECK (number >= 1),      -- of this person and version
    answers     jsonb NOT NULL DEFAULT '[]',               -- in the order of the questions
    passed      boolean,                                   -- null while it is under way
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    FOREIGN KEY (campaign_id, version) REFERENCES quizzes ON DELETE CASCADE,
    UNIQUE (campaign_id, user_id, version, number),
    CHECK ((passed IS NULL) = (finished_at IS NULL))
);
