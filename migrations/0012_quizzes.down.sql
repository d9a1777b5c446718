DROP TABLE quiz_attempts;
ALTER TABLE campaigns DROP CONSTRAINT campaigns_quiz_check, DROP COLUMN quiz_from, DROP COLUMN quiz_version;
DROP TABLE quizzes;
