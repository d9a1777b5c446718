-- name: UnfinishedEvaluation :one
-- The same question, asked again before the answer is there.
SELECT * FROM evaluations
WHERE state IN ('queued', 'running') AND kind = @kind AND checkpoint = @checkpoint AND spec = @spec
ORDER BY id LIMIT 1;

-- name: InsertEvaluation :one
INSERT INTO evaluations (kind, checkpoint, spec, created_by) VALUES (@kind, @checkpoint, @spec, @created_by) RETURNING *;

-- name: EvaluationByID :one
SELECT * FROM evaluations WHERE id = @id;

-- name: EvaluationsOf :many
-- Results are large and stay behind.
SELECT id, kind, state, checkpoint, spec, done, total, error, created_at, started_at, finished_at
FROM evaluations WHERE checkpoint = ANY(@checkpoints::text[]) ORDER BY id DESC LIMIT @max_rows;

-- name: UnfinishedEvaluations :many
SELECT * FROM evaluations WHERE state IN ('queued', 'running') ORDER BY id;

-- name: ClaimEvaluation :one
UPDATE evaluations
SET state = 'running', fence = fence + 1, heartbeat_at = now(), started_at = coalesce(started_at, now())
WHERE id = @id AND (state = 'queued'
    OR state = 'running' AND heartbeat_at < now() - make_interval(secs => @silence_seconds::float8))
RETURNING *;

-- name: BeatEvaluation :execrows
UPDATE evaluations SET heartbeat_at = now(), done = @done, total = @total
WHERE id = @id AND fence = @fence AND state = 'running';

-- name: KeepPartial :execrows
UPDATE evaluations SET heartbeat_at = now(), partial = @partial WHERE id = @id AND fence = @fence AND state = 'running';

-- name: EndEvaluation :execrows
UPDATE evaluations
SET state = @state, result = @result, error = @error, heartbeat_at = NULL,
    done = CASE WHEN @state::text = 'succeeded' THEN total ELSE done END,
    partial = CASE WHEN @state::text = 'queued' THEN partial ELSE 'null'::jsonb END,
    finished_at = CASE WHEN @state::text = 'queued' THEN NULL ELSE now() END
WHERE id = @id AND fence = @fence AND state = 'running';

-- name: StopEvaluation :execrows
UPDATE evaluations SET state = 'stopped', finished_at = now(), heartbeat_at = NULL, partial = 'null'
WHERE id = @id AND state IN ('queued', 'running');

-- name: ReviveEvaluations :many
-- Those whose worker died, and those whose job was lost before a worker claimed them: nothing else is worked meanwhile.
UPDATE evaluations SET state = 'queued', heartbeat_at = now()
WHERE state = 'running' AND heartbeat_at < now() - make_interval(secs => @silence_seconds::float8)
    OR state = 'queued' AND coalesce(heartbeat_at, created_at) < now() - interval '1 minute'
        AND NOT EXISTS (SELECT FROM evaluations other WHERE other.state = 'running')
RETURNING id;
