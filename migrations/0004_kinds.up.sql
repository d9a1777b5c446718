-- Campaigns that collect comparisons of two responses.
ALTER TABLE campaigns DROP CONSTRAINT campaigns_kind_check, DROP CONSTRAINT campaigns_k_check,
    ADD CONSTRAINT campaigns_kind_check CHECK (kind IN ('ranking', 'comparison')),
    ADD CONSTRAINT campaigns_k_check CHECK (CASE kind WHEN 'comparison' THEN k = 2 ELSE k BETWEEN 2 AND 16 END);

-- Who wrote a response by hand. It is shown in no task, and the campaign's count of responses leaves it out.
ALTER TABLE responses ADD COLUMN written_by bigint REFERENCES users ON DELETE SET NULL;
