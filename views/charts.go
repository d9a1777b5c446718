package views

import "encoding/json"

// ChartGroup is a row of charts under one heading.
type ChartGroup struct {
	Key    string // of the catalog
	Charts []Chart
}

// Chart draws metrics over the optimizer steps. The names are those of the metrics, which are TRL's where TRL has one.
type Chart struct {
	Key    string // of the catalog
	Series []Series
}

// Series is one line of a chart.
type Series struct {
	Metric string `json:"metric"`
	Points bool   `json:"points,omitempty"` // measured now and then: every value is marked
	Low    string `json:"low,omitempty"`    // metrics of the interval around it
	High   string `json:"high,omitempty"`
}

// encoded are the lines of a chart for the script.
func (c Chart) encoded() string {
	encoded, err := json.Marshal(c.Series)
	if err != nil {
		panic(err) // plain data
	}
	return string(encoded)
}

func one(key string, metrics ...string) Chart {
	chart := Chart{Key: key}
	for _, metric := range metrics {
		chart.Series = append(chart.Series, Series{Metric: metric})
	}
	return chart
}

var optimization = ChartGroup{"charts.optimization", []Chart{one("charts.learning_rate", "lr"), one("charts.grad_norm", "grad_norm")}}

var chartGroups = map[string][]ChartGroup{
	"reward": {
		{"charts.learning", []Chart{
			{"charts.loss", []Series{{Metric: "loss"}, {Metric: "eval/loss", Points: true}}},
			{"charts.accuracy", []Series{
				{Metric: "accuracy"},
				{Metric: "eval/accuracy", Points: true, Low: "eval/accuracy_low", High: "eval/accuracy_high"},
				{Metric: "eval/length_baseline", Points: true},
			}},
			{"charts.margin", []Series{{Metric: "margin"}, {Metric: "eval/margin", Points: true}}},
		}},
		{"charts.scores_group", []Chart{one("charts.rewards", "mean_reward", "min_reward", "max_reward")}},
		optimization,
	},
	"ppo": {
		{"charts.reward_and_divergence", []Chart{
			one("charts.scores", "objective/scores", "objective/rlhf_reward"),
			one("charts.kl", "objective/kl"),
			one("charts.entropy", "objective/entropy"),
			one("charts.beta", "objective/kl_coef"),
		}},
		{"charts.replies", []Chart{
			one("charts.length", "completions/mean_length"),
			one("charts.endless", "completions/clipped_ratio"),
			one("charts.distinct", "completions/distinct_2"),
		}},
		{"charts.optimization", []Chart{
			one("charts.policy_loss", "loss/policy_avg"),
			one("charts.value_loss", "loss/value_avg"),
			one("charts.clip_fraction", "policy/clipfrac_avg", "val/clipfrac_avg"),
			one("charts.explained", "ppo/val/var_explained"),
			one("charts.grad_norm", "policy/grad_norm", "val/grad_norm"),
			one("charts.ptx_loss", "ptx/loss"),
		}},
	},
	"sft": {
		{"charts.learning", []Chart{{"charts.loss", []Series{{Metric: "loss"}, {Metric: "eval/loss", Points: true}}}}},
		optimization,
	},
	"pretrain": {
		{"charts.learning", []Chart{
			{"charts.loss", []Series{{Metric: "loss"}, {Metric: "eval/loss", Points: true}}},
			{"charts.per_byte", []Series{{Metric: "eval/nats_per_byte", Points: true}}},
		}},
		optimization,
	},
}

// ChartGroups are the charts of a kind of run.
func ChartGroups(kind string) []ChartGroup { return chartGroups[kind] }

// ChartMetrics are the metrics that the charts of a kind of run draw.
func ChartMetrics(kind string) map[string]bool {
	drawn := map[string]bool{}
	for _, group := range chartGroups[kind] {
		for _, chart := range group.Charts {
			for _, s := range chart.Series {
				drawn[s.Metric] = true
				if s.Low != "" {
					drawn[s.Low], drawn[s.High] = true, true
				}
			}
		}
	}
	return drawn
}
