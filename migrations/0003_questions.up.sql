-- What annotators ask or report about a task, and what an admin answers.
CREATE TABLE questions (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    task_id     bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    user_id     bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('question', 'broken')),
    text        text NOT NULL CHECK (length(text) <= 2000),
    asked_at    timestamptz NOT NULL DEFAULT now(),
    answer      text NOT NULL DEFAULT '' CHECK (length(answer) <= 5000),
    answered_at timestamptz,
    answered_by bigint REFERENCES users ON DELETE SET NULL,
    read_at     timestamptz,                         -- when the annotator saw the answer
    CHECK ((answered_at IS NULL) = (answer = ''))
);
CREATE INDEX questions_campaign ON questions (campaign_id, id);
CREATE INDEX questions_user ON questions (user_id, id);

-- A withdrawn task is handed out no more; what was judged stays.
ALTER TABLE tasks DROP CONSTRAINT tasks_state_check,
    ADD CONSTRAINT tasks_state_check CHECK (state IN ('waiting', 'open', 'complete', 'withdrawn'));

-- What a prompt may upset with, from its metadata (key "sensitive"), and what a person would rather not see.
ALTER TABLE tasks ADD COLUMN sensitive text[] NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN opted_out text[] NOT NULL DEFAULT '{}';
