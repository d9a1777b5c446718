-- Comparisons stay, as rankings of what was shown; what was written by hand goes.
UPDATE judgments SET tiers = tiers - 0 WHERE NOT (tiers->0->>0)::bigint = ANY (order_shown);
DELETE FROM responses WHERE written_by IS NOT NULL;
ALTER TABLE responses DROP COLUMN written_by;
UPDATE campaigns SET kind = 'ranking' WHERE kind <> 'ranking';
ALTER TABLE campaigns DROP CONSTRAINT campaigns_kind_check, DROP CONSTRAINT campaigns_k_check,
    ADD CONSTRAINT campaigns_kind_check CHECK (kind IN ('ranking')),
    ADD CONSTRAINT campaigns_k_check CHECK (k BETWEEN 2 AND 16);
