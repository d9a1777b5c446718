-- name: CalibrationLeft :one
-- What a member has not judged or skipped of the batch, a task that they are at included: those that can be given out, and
-- those that wait for responses.
SELECT count(*) FILTER (WHERE t.state = 'open') AS open, count(*) FILTER (WHERE t.state = 'waiting') AS waiting
FROM tasks t
WHERE t.campaign_id = @campaign_id AND t.calibration IS NOT NULL AND t.state IN ('open', 'waiting')
    AND NOT t.sensitive && @opted_out::text[]
    AND NOT EXISTS (
        SELECT FROM leases l
        WHERE l.task_id = t.id AND l.user_id = @user_id AND l.outcome IN ('judged', 'skipped'));

-- name: LockCalibration :one
-- Locks the next task of the batch that the user has not had. Everybody gets the same one first, so this waits for who is
-- at it. The place is taken by a statement of its own: one that locks and updates at once would update from the snapshot
-- before the wait, and two of those that queue for a task can wait for each other.
SELECT t.id FROM tasks t
WHERE t.campaign_id = @campaign_id AND t.calibration IS NOT NULL AND t.state = 'open'
    AND NOT t.sensitive && @opted_out::text[]
    AND NOT EXISTS (
        SELECT FROM leases l
        WHERE l.task_id = t.id AND l.user_id = @user_id
            AND (l.outcome IS NULL OR l.outcome IN ('judged', 'skipped')))
ORDER BY t.calibration
LIMIT 1
FOR NO KEY UPDATE OF t;

-- name: TakePlace :one
-- Takes a place at a task that is locked; those of the batch are not bounded.
UPDATE tasks SET taken = taken + 1 WHERE id = @id RETURNING *;

-- name: CalibrationPlace :one
-- Which task of the batch one is, 1 the first, and how many there are.
SELECT count(*) FILTER (WHERE t.calibration <= @calibration::int) AS place, count(*) AS size
FROM tasks t
WHERE t.campaign_id = @campaign_id AND t.calibration IS NOT NULL AND t.state <> 'withdrawn';

-- name: CalibrationSettings :one
SELECT calibration_first, calibration_approval FROM campaigns WHERE id = @id;

-- name: SetCalibrationSettings :exec
UPDATE campaigns SET calibration_first = @calibration_first, calibration_approval = @calibration_approval WHERE id = @id;

-- name: SetCalibrationApproval :execrows
UPDATE campaigns SET calibration_approval = @calibration_approval WHERE id = @id;

-- name: FirstTasks :many
-- The tasks of the first prompts.
SELECT id FROM tasks WHERE campaign_id = @campaign_id AND state <> 'withdrawn' ORDER BY id LIMIT @max_rows;

-- name: TasksOfPrompts :many
SELECT p.external_id, t.id, t.state FROM prompts p
JOIN tasks t ON t.prompt_id = p.id
WHERE p.campaign_id = @campaign_id AND p.external_id = ANY (@external_ids::text[]);

-- name: SetCalibrationTasks :exec
-- Makes these tasks the batch, in this order. One that leaves it keeps all that was judged and counts for the overlap
-- again; one that comes in is given to everybody, however often it was judged.
UPDATE tasks t SET calibration = n.place,
    overlap = CASE WHEN n.place IS NULL THEN greatest(t.overlap, t.taken) ELSE t.overlap END,
    state = CASE WHEN t.state NOT IN ('open', 'complete') THEN t.state
        WHEN n.place IS NULL AND t.judged >= greatest(t.overlap, t.taken) THEN 'complete' ELSE 'open' END
FROM (
    SELECT b.id, array_position(@task_ids::bigint[], b.id) AS place FROM tasks b
    WHERE b.campaign_id = @campaign_id AND (b.calibration IS NOT NULL OR b.id = ANY (@task_ids::bigint[]))
) n
WHERE t.id = n.id;

-- name: FillCalibration :exec
-- Puts the first tasks that are not in the batch behind it, until it has its size.
UPDATE tasks t SET calibration = f.place
FROM (
    SELECT n.id, batch.size + row_number() OVER (ORDER BY n.id) AS place
    FROM tasks n, (SELECT count(*) AS size FROM tasks b WHERE b.campaign_id = @campaign_id AND b.calibration IS NOT NULL) batch
    WHERE n.campaign_id = @campaign_id AND n.calibration IS NULL AND n.state <> 'withdrawn'
    ORDER BY n.id
    LIMIT @size::int
) f
WHERE t.id = f.id AND f.place <= @size::int;

-- name: CalibrationTasks :many
-- The batch, in its order.
SELECT sqlc.embed(t), p.external_id FROM tasks t
JOIN prompts p ON p.id = t.prompt_id
WHERE t.campaign_id = @campaign_id AND t.calibration IS NOT NULL
ORDER BY t.calibration;

-- name: CalibrationWork :many
-- What the members have done about the batch, or are at.
SELECT l.task_id, l.user_id, l.outcome, coalesce(s.reason, '')::text AS reason FROM tasks t
JOIN leases l ON l.task_id = t.id AND (l.outcome IS NULL OR l.outcome IN ('judged', 'skipped')) AND NOT l.ahead
JOIN campaign_members m ON m.campaign_id = t.campaign_id AND m.user_id = l.user_id
LEFT JOIN skips s ON s.lease_id = l.id
WHERE t.campaign_id = @campaign_id AND t.calibration IS NOT NULL;

-- name: CalibrationMembers :many
SELECT sqlc.embed(u), m.approved_at FROM campaign_members m
JOIN users u ON u.id = m.user_id
WHERE m.campaign_id = @campaign_id AND NOT u.simulated
ORDER BY u.id;

-- name: ApproveMember :execrows
UPDATE campaign_members SET approved_at = CASE WHEN @approved::bool THEN coalesce(approved_at, now()) END
WHERE campaign_id = @campaign_id AND user_id = @user_id;
