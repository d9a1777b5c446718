ALTER TABLE run_metrics DROP COLUMN histograms;
