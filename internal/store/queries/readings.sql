-- name: InsertReading :one
-- Said twice, the first time counts.
INSERT INTO guideline_readings (campaign_id, user_id, version)
SELECT g.campaign_id, m.user_id, g.version FROM guidelines g
JOIN campaign_members m ON m.campaign_id = g.campaign_id
WHERE g.campaign_id = @campaign_id AND g.version = @version AND m.user_id = @user_id
ON CONFLICT (campaign_id, user_id, version) DO UPDATE SET read_at = guideline_readings.read_at
RETURNING read_at;

-- name: NewestReading :one
SELECT version, read_at FROM guideline_readings WHERE campaign_id = @campaign_id AND user_id = @user_id
ORDER BY version DESC LIMIT 1;

-- name: NewestReadings :many
-- Of every member.
SELECT DISTINCT ON (r.user_id) r.user_id, r.version, r.read_at FROM guideline_readings r
WHERE r.campaign_id = @campaign_id
ORDER BY r.user_id, r.version DESC;

-- name: SampleTask :one
-- The first task behind an id that annotators are given.
SELECT * FROM tasks WHERE campaign_id = @campaign_id AND id > @after_id AND state IN ('open', 'complete')
ORDER BY id LIMIT 1;
