package trainer

import (
	"encoding/gob"
	"fmt"
	"io"
)

// savedPPO is what a PPO run saves beside its networks; the rollout has a part of its own.
type savedPPO struct {
	State   ppoState           `json:"state"`
	Buffer  bool               `json:"buffer"` // a rollout is under way
	Metrics map[string]float64 `json:"rollout_metrics"`
	KLMean  float64            `json:"rollout_kl"`
	KLError float64            `json:"rollout_kl_error"`
}

func (r *ppoRun) Save(put func(name string, write func(io.Writer) error) error) error {
	if err := putJSON(put, "run.json", r.header()); err != nil {
		return err
	}
	saved := savedPPO{State: r.state}
	if b := r.buffer; b != nil {
		saved.Buffer, saved.KLMean, saved.KLError = true, b.KLMean, b.KLError
		saved.Metrics = make(map[string]float64)
		for name, value := range b.Metrics {
			if finite(value) { // as in a report
				saved.Metrics[name] = value
			}
		}
		err := put("rollout", func(w io.Writer) error { return gob.NewEncoder(w).Encode(b.Episodes) })
		if err != nil {
			return err
		}
	}
	if err := putJSON(put, "ppo.json", saved); err != nil {
		return err
	}
	if r.text != nil {
		if err := putJSON(put, "text.json", r.text.cursor); err != nil {
			return err
		}
	}
	if err := putFloats(put, "ema.weights", r.ema.Data); err != nil {
		return err
	}
	if r.state.Peak != nil {
		if err := putFloats(put, "peak.weights", r.peakWeights.Data); err != nil {
			return err
		}
	}
	if err := r.policy.save(put, "policy"); err != nil {
		return err
	}
	return r.value.save(put, "value")
}

func (r *ppoRun) Restore(open func(name string) (io.ReadCloser, error)) error {
	var header header
	if err := fetchJSON(open, "run.json", &header); err != nil {
		return err
	}
	if err := r.restoreHeader(header); err != nil {
		return err
	}
	var saved savedPPO
	if err := fetchJSON(open, "ppo.json", &saved); err != nil {
		return err
	}
	r.state, r.buffer = saved.State, nil
	if saved.Buffer {
		r.buffer = &rollout{Metrics: saved.Metrics, KLMean: saved.KLMean, KLError: saved.KLError}
		if err := r.fetchEpisodes(open); err != nil {
			return err
		}
	}
	if r.text != nil {
		var cursor textCursor
		if err := fetchJSON(open, "text.json", &cursor); err != nil {
			return err
		}
		r.text.restore(cursor)
	}
	if err := fetchFloats(open, "ema.weights", r.ema.Data); err != nil {
		return err
	}
	if err := r.restorePeak(open); err != nil {
		return err
	}
	if err := r.policy.restore(open, "policy"); err != nil {
		return err
	}
	return r.value.restore(open, "value")
}

func (r *ppoRun) fetchEpisodes(fetch Fetch) error {
	part, err := fetch("rollout")
	if err != nil {
		return err
	}
	defer part.Close()
	if err := gob.NewDecoder(part).Decode(&r.buffer.Episodes); err != nil {
		return fmt.Errorf("trainer: state rollout: %w", err)
	}
	if _, err := io.Copy(io.Discard, part); err != nil { // to the end, where the storage checks its digest
		return err
	}
	if len(r.buffer.Episodes) != r.config.Episodes {
		return fmt.Errorf("trainer: state rollout holds %d episodes instead of %d", len(r.buffer.Episodes), r.config.Episodes)
	}
	return nil
}
