package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"rankloop/internal/app"
	"rankloop/internal/store"
	"rankloop/internal/tensorboard"
	"rankloop/ranking"
)

// writeTensorboard writes a run's metrics below folder, as FOLDER/RUN/events.out.tfevents.…; what an earlier call wrote of the run
// is replaced once the new file is whole.
func (c *Context) writeTensorboard(services *app.Services, run store.Run, folder string) (err error) {
	folder = filepath.Join(folder, run.Name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(folder, ".writing-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // gone already where all went well
	defer file.Close()
	writer, err := tensorboard.NewWriter(file, run.CreatedAt)
	if err != nil {
		return err
	}
	steps := 0
	err = c.eachMetricRow(services, run, func(row store.MetricRow) error {
		var metrics map[string]float64
		if err := json.Unmarshal(row.Metrics, &metrics); err != nil {
			return err
		}
		histograms, err := tensorboardHistograms(row)
		if err != nil {
			return err
		}
		steps++
		return writer.Step(row.Step, row.At, metrics, histograms)
	})
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	path := filepath.Join(folder, tensorboard.FileName(run.CreatedAt))
	if err := os.Chmod(file.Name(), 0o644); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	c.Notef("%d steps in %s; look at them with: tensorboard --logdir %s", steps, path, strings.TrimSuffix(filepath.Dir(folder), "/"))
	return nil
}

// tensorboardHistograms are those of a step, if it has any.
func tensorboardHistograms(row store.MetricRow) (map[string]tensorboard.Histogram, error) {
	if row.Histograms == nil {
		return nil, nil
	}
	var counted map[string]ranking.Histogram
	if err := json.Unmarshal(row.Histograms, &counted); err != nil {
		return nil, err
	}
	histograms := make(map[string]tensorboard.Histogram, len(counted))
	for name, h := range counted {
		written := tensorboard.Histogram{Min: h.Low, Max: h.High}
		for i, count := range h.Counts {
			written.Limits, written.Counts = append(written.Limits, h.Edge(i+1)), append(written.Counts, float64(count))
		}
		histograms[name] = written
	}
	return histograms, nil
}
