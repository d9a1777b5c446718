-- name: AheadLease :one
-- A lease that is held ahead, with its task, if it could be begun now: one of the calibration batch while that is not done,
-- else one outside of it.
SELECT sqlc.embed(l), sqlc.embed(t) FROM leases l JOIN tasks t ON t.id = l.task_id
WHERE l.id = @id AND l.ahead AND l.outcome IS NULL AND l.expires_at > now() AND t.state = 'open'
    AND (t.calibration IS NOT NULL) = @calibrating::bool
    AND l.guideline_version = @guideline_version AND l.schema_version = @schema_version
    AND NOT t.sensitive && @opted_out::text[];

-- name: BeginAhead :execrows
-- Makes a lease that is held ahead the one that its member is at. What was shown must be what holds now.
WITH begun AS (
    UPDATE leases l SET ahead = false, granted_at = now(), expires_at = now() + make_interval(secs => @lease_seconds::float8)
    FROM tasks t
    WHERE l.id = @id AND l.ahead AND l.outcome IS NULL AND t.id = l.task_id AND t.state = 'open'
        AND (t.calibration IS NOT NULL) = @calibrating::bool AND l.guideline_version = @guideline_version AND l.schema_version = @schema_version
        AND NOT t.sensitive && @opted_out::text[]
    RETURNING l.id, l.task_id, l.user_id
)
UPDATE campaign_members m SET task_cursor = begun.task_id, lease_id = begun.id, next_lease_id = NULL
FROM begun
WHERE m.campaign_id = @campaign_id AND m.user_id = begun.user_id;

-- name: ReturnAhead :exec
-- Gives the place of a lease back that was held ahead and not begun. It never waits: what somebody is at runs out.
WITH held AS (
    SELECT l.id FROM leases l
    JOIN tasks t ON t.id = l.task_id
    WHERE l.id = @id AND l.ahead AND l.outcome IS NULL
    FOR NO KEY UPDATE OF t, l SKIP LOCKED
), ended AS (
    UPDATE leases l SET outcome = 'released', ended_at = now() FROM held WHERE l.id = held.id RETURNING l.task_id
)
UPDATE tasks t SET taken = t.taken - 1 FROM ended WHERE t.id = ended.task_id;

-- name: AheadAfter :one
-- What the holder of a lease holds ahead.
SELECT n.id FROM leases l
JOIN tasks t ON t.id = l.task_id
JOIN campaign_members m ON m.campaign_id = t.campaign_id AND m.user_id = l.user_id AND m.lease_id = l.id
JOIN leases n ON n.id = m.next_lease_id
WHERE l.token = @token AND l.user_id = @user_id AND n.ahead AND n.outcome IS NULL;

-- name: TakeBackAhead :execrows
-- Frees a place that somebody else holds ahead, the one that was given out last, for a user who would have nothing else.
-- It never waits.
WITH held AS (
    SELECT l.id FROM leases l
    JOIN tasks t ON t.id = l.task_id
    WHERE l.ahead AND l.outcome IS NULL AND l.user_id <> @user_id
        AND t.campaign_id = @campaign_id AND t.state = 'open' AND t.calibration IS NULL AND NOT t.sensitive && @opted_out::text[]
        AND NOT EXISTS (
            SELECT FROM leases o
            WHERE o.task_id = t.id AND o.user_id = @user_id
                AND (o.outcome IS NULL OR o.outcome IN ('judged', 'skipped')))
    ORDER BY l.id DESC
    LIMIT 1
    FOR NO KEY UPDATE OF t, l SKIP LOCKED
), ended AS (
    UPDATE leases l SET outcome = 'released', ended_at = now() FROM held WHERE l.id = held.id RETURNING l.task_id
)
UPDATE tasks t SET taken = t.taken - 1 FROM ended WHERE t.id = ended.task_id;

-- name: LiveLease :one
SELECT (outcome IS NULL)::bool AS live FROM leases WHERE id = @id;
