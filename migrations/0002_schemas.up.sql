-- What a campaign asks beside the ranking: versioned, since the questions change while people answer them.
CREATE TABLE schemas (
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    version     integer NOT NULL CHECK (version >= 1),
    schema      jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, version)
);
INSERT INTO schemas (campaign_id, version, schema) SELECT id, 1, '{"stage_one":false}' FROM campaigns;

-- Campaigns with their newest guidelines and schema; every campaign has a first version of both.
DROP VIEW current_campaigns;
CREATE VIEW current_campaigns AS
SELECT c.id, c.name, c.kind, c.state, c.k, c.overlap, c.seed, c.generate_from, c.lease_seconds, c.prompts, c.responses,
    c.created_at, g.version AS guideline_version, g.text AS guidelines, s.version AS schema_version, s.schema
FROM campaigns c
JOIN guidelines g ON g.campaign_id = c.id
JOIN schemas s ON s.campaign_id = c.id
WHERE g.version = (SELECT max(n.version) FROM guidelines n WHERE n.campaign_id = c.id)
    AND s.version = (SELECT max(n.version) FROM schemas n WHERE n.campaign_id = c.id);

-- The schema that the annotator answers, and the order in which the responses are shown one by one before the ranking.
ALTER TABLE leases ADD COLUMN schema_version integer NOT NULL DEFAULT 1, ADD COLUMN order_scored bigint[] NOT NULL DEFAULT '{}';
ALTER TABLE judgments ADD COLUMN schema_version integer NOT NULL DEFAULT 1, ADD COLUMN order_scored bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN answers jsonb NOT NULL DEFAULT '{}';

-- What somebody has answered so far. It outlives the lease, and goes with the judgment.
CREATE TABLE drafts (
    task_id  bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    user_id  bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    draft    jsonb NOT NULL CHECK (pg_column_size(draft) <= 1048576),
    saved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (task_id, user_id)
) WITH (fillfactor = 70);
