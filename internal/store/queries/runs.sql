-- name: InsertRun :one
INSERT INTO runs (name, kind, spec, spec_sha256, base, reward, snapshot, seed, created_by)
VALUES (@name, @kind, @spec, @spec_sha256, @base, @reward, @snapshot, @seed, @created_by)
ON CONFLICT (name) DO NOTHING
RETURNING *;

-- name: LockRunByName :one
SELECT * FROM runs WHERE name = @name FOR NO KEY UPDATE;

-- name: RunByName :one
SELECT * FROM runs WHERE name = @name;

-- name: RunByID :one
SELECT * FROM runs WHERE id = @id;

-- name: ListRuns :many
SELECT * FROM runs ORDER BY id DESC;

-- name: RequeueRun :one
UPDATE runs SET state = 'queued', error = '', finished_at = NULL, owner = '', heartbeat_at = NULL
WHERE id = @id
RETURNING *;

-- name: SetRunState :exec
UPDATE runs SET state = @state, finished_at = CASE WHEN @finished::bool THEN now() ELSE finished_at END WHERE id = @id;

-- name: EndAbandonedStops :exec
-- A run that was to stop when its owner died has stopped. Raising the fence shuts the old owner out.
UPDATE runs SET state = 'stopped', finished_at = now(), fence = fence + 1
WHERE state = 'stopping' AND heartbeat_at < now() - make_interval(secs => @silence_seconds::float8);

-- name: ClaimRun :one
WITH next AS (
    SELECT r.id FROM runs r
    WHERE (r.state = 'queued'
            OR r.state = 'running' AND r.heartbeat_at < now() - make_interval(secs => @silence_seconds::float8))
        AND (r.kernels = '' OR r.kernels = @kernels)
        AND (@only_id::bigint = 0 OR r.id = @only_id)
    ORDER BY r.created_at, r.id
    LIMIT 1
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE runs r SET state = 'running', owner = @owner, kernels = @kernels, fence = r.fence + 1, heartbeat_at = now(),
    started_at = coalesce(r.started_at, now()), finished_at = NULL, error = ''
FROM next
WHERE r.id = next.id
RETURNING r.*;

-- name: Heartbeat :one
UPDATE runs SET heartbeat_at = now()
WHERE id = @id AND fence = @fence AND state IN ('running', 'stopping')
RETURNING state;

-- name: LockOwnedRun :one
SELECT state FROM runs
WHERE id = @id AND fence = @fence AND state IN ('running', 'stopping')
FOR NO KEY UPDATE;

-- name: MoveRun :exec
UPDATE runs SET step = @step, steps_total = @steps_total, state = @state, error = @error,
    state_sha256 = coalesce(sqlc.narg('state_sha256'), state_sha256),
    summary = coalesce(sqlc.narg('summary')::jsonb, summary), warnings = coalesce(sqlc.narg('warnings')::jsonb, warnings),
    trained_ms = @trained_ms, heartbeat_at = now(),
    finished_at = CASE WHEN @finished::bool THEN now() END
WHERE id = @id;

-- name: PutArtifact :exec
INSERT INTO artifacts (sha256, bytes) VALUES (@sha256, @bytes) ON CONFLICT DO NOTHING;

-- name: PutArtifacts :exec
INSERT INTO artifacts (sha256, bytes) SELECT unnest(@sha256::text[]), unnest(@bytes::bigint[]) ON CONFLICT DO NOTHING;

-- name: ArtifactsInUse :many
-- What snapshots, checkpoints and runs name. Manifests name further files.
SELECT sha256 FROM snapshots
UNION SELECT sha256 FROM checkpoints
UNION SELECT state_sha256 FROM runs WHERE state_sha256 IS NOT NULL;

-- name: PutMetrics :exec
-- A step that was trained again after a crash replaces what was stored of it.
INSERT INTO run_metrics (run_id, step, at, metrics, histograms)
SELECT @run_id, unnest(@steps::int[]), unnest(@ats::timestamptz[]), unnest(@metrics::jsonb[]), unnest(@histograms::jsonb[])
ON CONFLICT (run_id, step) DO UPDATE SET at = excluded.at, metrics = excluded.metrics, histograms = excluded.histograms;

-- name: PutSamples :exec
INSERT INTO run_samples (run_id, step, ordinal, prompt, policy, reference, metrics)
SELECT @run_id, unnest(@steps::int[]), unnest(@ordinals::int[]), unnest(@prompts::text[]), unnest(@policies::text[]),
    unnest(@refs::text[]), unnest(@metrics::jsonb[])
ON CONFLICT (run_id, step, ordinal) DO UPDATE
SET prompt = excluded.prompt, policy = excluded.policy, reference = excluded.reference, metrics = excluded.metrics;

-- name: RunMetrics :many
SELECT step, at, metrics, histograms FROM run_metrics WHERE run_id = @run_id AND step > @after_step ORDER BY step LIMIT @max_rows;

-- name: RunSamples :many
SELECT step, ordinal, prompt, policy, reference, metrics FROM run_samples WHERE run_id = @run_id ORDER BY step, ordinal;

-- name: InsertCheckpoint :one
-- The same run may publish a name again after a resume; nobody else may.
INSERT INTO checkpoints (name, kind, base, run_id, step, parameters, sha256, meta)
VALUES (@name, @kind, @base, @run_id, @step, @parameters, @sha256, @meta)
ON CONFLICT (name) DO UPDATE
SET kind = excluded.kind, base = excluded.base, step = excluded.step, parameters = excluded.parameters,
    sha256 = excluded.sha256, meta = excluded.meta
WHERE checkpoints.run_id = excluded.run_id
RETURNING *;

-- name: CheckpointByName :one
SELECT * FROM checkpoints WHERE name = @name;

-- name: ListCheckpoints :many
SELECT * FROM checkpoints ORDER BY id DESC;

-- name: RunCheckpoints :many
SELECT * FROM checkpoints WHERE run_id = @run_id ORDER BY step, id;

-- name: LatestReward :one
SELECT * FROM checkpoints WHERE kind = 'reward' AND base = @base ORDER BY id DESC LIMIT 1;

-- name: NotifyMetrics :exec
SELECT pg_notify('run_metrics', @payload::text);

-- name: HistogramSteps :many
-- The newest steps that have histograms, in order.
SELECT step FROM (
    SELECT step FROM run_metrics WHERE run_id = @run_id AND histograms <> '{}' ORDER BY step DESC LIMIT @max_rows
) newest ORDER BY step;

-- name: HistogramsAt :one
SELECT histograms FROM run_metrics WHERE run_id = @run_id AND step = @step;

-- name: SampleSteps :many
SELECT DISTINCT step FROM run_samples WHERE run_id = @run_id ORDER BY step;

-- name: SamplesAtStep :many
SELECT step, ordinal, prompt, policy, reference, metrics FROM run_samples
WHERE run_id = @run_id AND step = @step ORDER BY ordinal LIMIT @max_rows;

-- name: LockCheckpoint :one
SELECT * FROM checkpoints WHERE name = @name FOR UPDATE;

-- name: SetCheckpointMeta :exec
UPDATE checkpoints SET meta = @meta WHERE id = @id;

-- name: RenameCheckpoint :exec
UPDATE checkpoints SET name = @name WHERE id = @id;

-- name: RenameBaseOfCheckpoints :exec
UPDATE checkpoints SET base = @name WHERE base = @old;

-- name: RenameBaseOfRuns :exec
UPDATE runs SET base = @name WHERE base = @old;
