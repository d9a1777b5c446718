-- What a worker measures about a model, and what came out. It is worked through (fence, heartbeat_at), as runs are.
CREATE TABLE evaluations (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('report', 'folds', 'curve')),
    state        text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'stopped', 'succeeded', 'failed')),
    checkpoint   text NOT NULL,                          -- what is measured
    spec         jsonb NOT NULL,                         -- what was asked for, every input pinned by its content
    done         integer NOT NULL DEFAULT 0,             -- of total
    total        integer NOT NULL DEFAULT 0,
    partial      jsonb NOT NULL DEFAULT 'null',          -- what need not be measured again after a crash
    result       jsonb NOT NULL DEFAULT 'null',
    error        text NOT NULL DEFAULT '',
    fence        bigint NOT NULL DEFAULT 0,
    heartbeat_at timestamptz,
    created_by   bigint REFERENCES users ON DELETE SET NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    started_at   timestamptz,
    finished_at  timestamptz
);
CREATE INDEX evaluations_checkpoint ON evaluations (checkpoint, id);
CREATE INDEX evaluations_unfinished ON evaluations (id) WHERE state IN ('queued', 'running');
