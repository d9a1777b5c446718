-- name: QuizNow :one
-- The quiz that is asked now; no row where there is none.
SELECT z.version, z.quiz FROM campaigns c
JOIN quizzes z ON z.campaign_id = c.id AND z.version = c.quiz_version
WHERE c.id = @campaign_id;

-- name: QuizVersions :one
-- What is asked now, what counts, and the number of the newest version ever.
SELECT c.quiz_version, c.quiz_from,
    coalesce((SELECT max(z.version) FROM quizzes z WHERE z.campaign_id = c.id), 0)::int AS newest
FROM campaigns c WHERE c.id = @campaign_id;

-- name: InsertQuiz :exec
INSERT INTO quizzes (campaign_id, version, quiz) VALUES (@campaign_id, @version, @quiz);

-- name: SetQuizVersions :exec
UPDATE campaigns SET quiz_version = @quiz_version, quiz_from = @quiz_from WHERE id = @campaign_id;

-- name: QuizByVersion :one
SELECT quiz FROM quizzes WHERE campaign_id = @campaign_id AND version = @version;

-- name: QuizAttemptsOf :many
-- Everything that a member has tried, oldest first.
SELECT * FROM quiz_attempts WHERE campaign_id = @campaign_id AND user_id = @user_id ORDER BY number;

-- name: InsertQuizAttempt :one
INSERT INTO quiz_attempts (campaign_id, user_id, number, version, answers, marks, passed)
VALUES (@campaign_id, @user_id, @number, @version, @answers, @marks, @passed)
RETURNING *;

-- name: VoidQuizAttempts :execrows
UPDATE quiz_attempts SET voided_at = now() WHERE campaign_id = @campaign_id AND user_id = @user_id AND voided_at IS NULL;

-- name: QuizAttemptsOfCampaign :many
-- Of everybody who works on a campaign, by person and oldest first.
SELECT a.* FROM quiz_attempts a
JOIN campaign_members m ON m.campaign_id = a.campaign_id AND m.user_id = a.user_id
WHERE a.campaign_id = @campaign_id
ORDER BY a.user_id, a.number;
