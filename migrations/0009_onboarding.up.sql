-- Who has read which version of a campaign's guidelines, and said so. Only who read the newest is given tasks.
CREATE TABLE guideline_readings (
    campaign_id bigint NOT NULL,
    user_id     bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    version     integer NOT NULL,
    read_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, user_id, version),
    FOREIGN KEY (campaign_id, version) REFERENCES guidelines ON DELETE CASCADE
);
