DROP TABLE drafts;
ALTER TABLE judgments DROP COLUMN schema_version, DROP COLUMN order_scored, DROP COLUMN answers;
ALTER TABLE leases DROP COLUMN schema_version, DROP COLUMN order_scored;
DROP VIEW current_campaigns;
DROP TABLE schemas;
CREATE VIEW current_campaigns AS
SELECT c.id, c.name, c.kind, c.state, c.k, c.overlap, c.seed, c.generate_from, c.lease_seconds, c.prompts, c.responses,
    c.created_at, g.version AS guideline_version, g.text AS guidelines
FROM campaigns c
JOIN guidelines g ON g.campaign_id = c.id
WHERE g.version = (SELECT max(n.version) FROM guidelines n WHERE n.campaign_id = c.id);
