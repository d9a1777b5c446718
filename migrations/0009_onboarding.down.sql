DROP TABLE guideline_readings;
