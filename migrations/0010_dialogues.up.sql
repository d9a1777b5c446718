-- Campaigns that collect conversations, with suggestions drawn turn by turn.
ALTER TABLE campaigns DROP CONSTRAINT campaigns_kind_check, DROP CONSTRAINT campaigns_k_check,
    ADD CONSTRAINT campaigns_kind_check CHECK (kind IN ('ranking', 'comparison', 'demonstration', 'dialogue')),
    ADD CONSTRAINT campaigns_k_check CHECK (CASE kind WHEN 'comparison' THEN k = 2 WHEN 'demonstration' THEN k = 0
        WHEN 'dialogue' THEN k BETWEEN 2 AND 8 ELSE k BETWEEN 2 AND 16 END);

-- A conversation of one person on a task, turn by turn. It outlives leases; once the task is judged it does not change.
CREATE TABLE dialogue_turns (
    task_id    bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    turn       integer NOT NULL CHECK (turn BETWEEN 1 AND 50),
    said       text NOT NULL DEFAULT '' CHECK (length(said) <= 32000),   -- by the person as the user; '' where the prompt brings it
    drawn      jsonb,                                                    -- what was suggested, from which checkpoint and seed
    reply      text NOT NULL DEFAULT '' CHECK (length(reply) <= 32000),  -- '' while there is none
    began_as   bigint NOT NULL DEFAULT 0,                                -- the suggestion that the reply is, or was edited from
    tiers      jsonb NOT NULL DEFAULT '[]',                              -- of suggestions: none, the one taken, or all
    survival   double precision CHECK (survival BETWEEN 0 AND 1),        -- the share of that suggestion's words that the reply keeps
    active_ms  bigint NOT NULL DEFAULT 0 CHECK (active_ms >= 0),         -- of the whole conversation up to here
    begun_at   timestamptz NOT NULL DEFAULT now(),
    replied_at timestamptz,
    PRIMARY KEY (task_id, user_id, turn),
    CHECK ((replied_at IS NULL) = (reply = ''))
);
CREATE INDEX dialogue_turns_user ON dialogue_turns (user_id, task_id);
