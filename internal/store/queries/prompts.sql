-- name: KnownPrompts :many
SELECT external_id, content_sha256 FROM prompts
WHERE campaign_id = @campaign_id AND external_id = ANY (@external_ids::text[]);

-- name: ReservePromptIDs :many
SELECT nextval(pg_get_serial_sequence('prompts', 'id'))::bigint FROM generate_series(1, @count::bigint);

-- name: ReserveResponseIDs :many
SELECT nextval(pg_get_serial_sequence('responses', 'id'))::bigint FROM generate_series(1, @count::bigint);

-- name: CountImported :exec
UPDATE campaigns SET prompts = prompts + @prompts, responses = responses + @responses WHERE id = @id;

-- name: LockWaitingTask :one
SELECT t.id, t.campaign_id, t.response_ids, c.k, c.seed, p.external_id
FROM tasks t
JOIN campaigns c ON c.id = t.campaign_id
JOIN prompts p ON p.id = t.prompt_id
WHERE t.prompt_id = @prompt_id AND t.state = 'waiting'
FOR NO KEY UPDATE OF t;

-- name: PromptExists :one
SELECT EXISTS (SELECT FROM prompts WHERE id = @id);

-- name: NextFileIndex :one
SELECT coalesce(max(i), -1)::int + 1 FROM responses r CROSS JOIN LATERAL unnest(r.file_indexes) AS i WHERE r.prompt_id = @prompt_id;

-- name: InsertGenerated :one
-- Null where the prompt has this text already.
INSERT INTO responses (prompt_id, text, text_sha256, model, generated, file_indexes)
VALUES (@prompt_id, @text, @text_sha256, @model, true, ARRAY[@file_index::int])
ON CONFLICT (prompt_id, text_sha256) DO NOTHING
RETURNING id;

-- name: SetTaskResponses :exec
UPDATE tasks SET response_ids = @response_ids,
    state = CASE WHEN cardinality(@response_ids::bigint[]) >= 2 THEN 'open' ELSE state END
WHERE id = @id;

-- name: GenerationTask :one
SELECT t.state, cardinality(t.response_ids)::int AS responses, c.name, c.k, c.seed, c.generate_from, sqlc.embed(p)
FROM tasks t
JOIN campaigns c ON c.id = t.campaign_id
JOIN prompts p ON p.id = t.prompt_id
WHERE t.prompt_id = @prompt_id
ORDER BY t.round DESC
LIMIT 1;

-- name: WaitingPrompts :many
SELECT prompt_id FROM tasks WHERE campaign_id = @campaign_id AND state = 'waiting' ORDER BY id LIMIT @max_rows;

-- name: PromptPage :many
SELECT p.id, p.external_id, p.group_key, p.messages, t.id AS task_id, t.state, t.overlap, t.judged,
    (SELECT count(*) FROM responses r WHERE r.prompt_id = p.id)::int AS responses
FROM prompts p
JOIN tasks t ON t.prompt_id = p.id
WHERE p.campaign_id = @campaign_id AND p.id > @after_id
ORDER BY p.id
LIMIT @max_rows;

-- name: PromptResponses :many
SELECT * FROM responses WHERE prompt_id = @prompt_id ORDER BY file_indexes[1], id;
