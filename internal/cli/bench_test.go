package cli

import (
	"encoding/json"
	"strings"
	"testing"
)

const noDatabase = "postgres://nobody@127.0.0.1:1/none"

func TestBenchPrintsWhatWasMeasured(t *testing.T) {
	args := []string{"bench", "gemm", "--shape", "16x32x48,8x8x8", "--form", "NN,TN", "--threads", "1", "--repeats", "2"}
	status, stdout, stderr := command(t, noDatabase, "", append(args, "--json")...)
	var report struct {
		Bench   string
		CPU     struct{ Model, Kernels string }
		Results []struct {
			Form             string
			M, N, K, Repeats int
		}
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || status != 0 {
		t.Fatalf("status %d, %v: %s%s", status, err, stdout, stderr)
	}
	if report.Bench != "gemm" || report.CPU.Model == "" || len(report.Results) != 4 {
		t.Fatalf("report is %s", stdout)
	}
	if r := report.Results[1]; r.Form != "TN" || r.M != 16 || r.N != 32 || r.K != 48 || r.Repeats != 2 {
		t.Errorf("the second line is %+v", r)
	}
	status, stdout, _ = command(t, noDatabase, "", args...)
	if status != 0 || !strings.Contains(stdout, "multiply-adds") || strings.Count(stdout, "\nTN ") != 2 {
		t.Errorf("status %d: %s", status, stdout)
	}
}

func TestBenchRefusesWhatItCannotMeasure(t *testing.T) {
	for args, says := range map[string]string{
		"bench gemm --shape 10x20":            "is like 1024x1024x1024",
		"bench gemm --shape 10x20x30x40":      "is like 1024x1024x1024",
		"bench gemm --shape 0x1x1":            "at least 1",
		"bench gemm --shape 99999x99999x9":    "over 268435456 elements",
		"bench gemm --form NX":                "must be one of",
		"bench gemm --repeats 0":              "between 1 and 1000",
		"bench gemm --threads 0":              "between 1 and 1024",
		"bench train --name gpt3":             "there are gpt2-12m, gpt2-124m",
		"bench decode --name gpt3":            "there are gpt2-12m",
		"bench decode --batch 7":              "without it",
		"bench ppo --name gpt3":               "there are base, smollm2-135m",
		"bench ppo --episodes 0":              "between 1 and 4096",
		"bench ppo --minibatches 5":           "must divide",
		"bench ppo --model x --name base":     "not both",
		"bench decode --repeats 1001":         "between 1 and 1000",
		"bench elementwise --repeats 1000000": "between 1 and 1000",
	} {
		status, _, stderr := command(t, noDatabase, "", strings.Fields(args)...)
		if status != 2 || !strings.Contains(stderr, says) {
			t.Errorf("%s: status %d, want %q in %q", args, status, says, stderr)
		}
	}
}

func TestBenchPPO(t *testing.T) {
	args := []string{"bench", "ppo", "--name", "base", "--episodes", "2", "--new", "4", "--minibatches", "1", "--lora-r", "0,4", "--threads", "1", "--repeats", "1"}
	status, stdout, stderr := command(t, noDatabase, "", append(args, "--json")...)
	var report struct {
		Bench   string
		Results []struct {
			Name               string
			LoraR              int `json:"lora_r"`
			Episodes           int
			NewTokens          int     `json:"new_tokens"`
			RolloutS           float64 `json:"rollout_s_median"`
			Trainable, Repeats int
		}
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || status != 0 {
		t.Fatalf("status %d, %v: %s%s", status, err, stdout, stderr)
	}
	if report.Bench != "ppo" || len(report.Results) != 2 || report.Results[0].Trainable <= report.Results[1].Trainable {
		t.Fatalf("report is %s", stdout)
	}
	if r := report.Results[1]; r.Name != "base" || r.LoraR != 4 || r.Episodes != 2 || r.NewTokens != 4 || !(r.RolloutS > 0) || r.Repeats != 1 {
		t.Errorf("the second line is %+v", r)
	}
	status, stdout, _ = command(t, noDatabase, "", args...)
	if status != 0 || !strings.Contains(stdout, "NEW TOKENS/S") || strings.Count(stdout, "\nbase ") != 2 {
		t.Errorf("status %d: %s", status, stdout)
	}
}
