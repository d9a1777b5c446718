DROP TABLE quiz_attempts, quizzes, guideline_readings;
