package cli

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// A model is made of a text, pretrained on it and measured on its end, in three commands.
func TestModelFromBlankSheet(t *testing.T) {
	p := newProgram(t)
	var content strings.Builder
	for i := range 120 {
		fmt.Fprintf(&content, "HEN %d:\nThe theme of hen number %d is corn, and more corn.\n\n", i%7, i)
	}
	text := p.file("plays.txt", content.String())
	var made modelView
	p.json(&made, "model", "new", "bard", "--text", text, "--vocab", "300", "--layers", "1", "--heads", "2", "--dim", "16", "--context", "32")
	if made.Name != "bard" || made.Kind != "policy" || made.Base != "bard" {
		t.Errorf("%+v", made)
	}
	if again := p.fail(exitFailed, "model", "new", "bard", "--text", text).Error.Message; !strings.Contains(again, "bard") {
		t.Errorf("a taken name: %s", again)
	}
	if odd := p.fail(exitFailed, "model", "new", "odd", "--text", text, "--heads", "3").Error.Message; !strings.Contains(odd, "3 heads") {
		t.Errorf("a shape that is none: %s", odd)
	}

	var run struct {
		State   string
		Metrics map[string]float64
	}
	p.json(&run, "train", "pretrain", "--base", "bard", "--data", text, "--preset", "text-1mb", "--name", "bard-1",
		"--set", "steps=6", "--set", "context=32", "--set", "batch_windows=2")
	if run.State != "succeeded" || !(run.Metrics["eval/nats_per_byte"] > 0) || !(run.Metrics["flop"] > 0) {
		t.Fatalf("%+v", run)
	}

	var loss textLossView
	p.json(&loss, "model", "eval", "bard-1", "--text", text, "--held-out", "0.1")
	if math.Abs(loss.NatsPerByte-run.Metrics["eval/nats_per_byte"]) > 1e-9 || !loss.Exact {
		t.Errorf("%+v, but the run's last evaluation is %v", loss, run.Metrics["eval/nats_per_byte"])
	}
	if least := int64(0.1 * float64(content.Len())); loss.Bytes < least || loss.Bytes > least+1 || loss.Documents != 1 {
		t.Errorf("%d of %d bytes are held out, in %d documents", loss.Bytes, content.Len(), loss.Documents)
	}
	var blank, whole textLossView
	p.json(&blank, "model", "eval", "bard", "--text", text, "--held-out", "0.1")
	p.json(&whole, "model", "eval", "bard-1", "--text", text, "--window", "8")
	if blank.NatsPerByte <= loss.NatsPerByte || whole.Bytes != int64(content.Len()) {
		t.Errorf("before %v, after %v; the whole text has %d bytes", blank.NatsPerByte, loss.NatsPerByte, whole.Bytes)
	}
	for _, wrong := range [][]string{
		{"model", "eval", "bard-1", "--held-out", "0.1"}, {"model", "eval", "--text", text}, {"model", "eval", "bard-1", "--text", text, "--folds", "3"},
	} {
		p.fail(exitUsage, wrong...)
	}
	if says := p.fail(exitFailed, "train", "pretrain", "--set", "held_out=0.2").Error.Message; !strings.Contains(says, "held_out") {
		t.Errorf("held-out text of a generator: %s", says)
	}
}
