package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestTrainDryRun: the preview is printed, for programs and for people, and no run is left behind.
func TestTrainDryRun(t *testing.T) {
	p := newProgram(t)
	text := p.file("text.txt", strings.Repeat("A line of text to learn.\n\n", 400))
	train := []string{"train", "pretrain", "--data", text, "--set", "steps=10", "--set", "batch_windows=2", "--dry-run"}
	var got previewView
	p.json(&got, train...)
	if got.Kind != "pretrain" || got.Base != "base" || got.Steps != 10 || got.FLOP <= 0 || got.Minutes <= 0 || got.MemoryBytes <= 0 || got.Refused != "" || len(got.Parts) != 2 {
		t.Errorf("the preview is %+v", got)
	}
	var larger previewView
	p.json(&larger, append(train, "--set", "steps=20", "--set", "micro_batch_tokens=16777216")...)
	if larger.Parts[0].FLOP != 2*got.Parts[0].FLOP || larger.Parts[1].FLOP != got.Parts[1].FLOP || !strings.Contains(larger.Refused, "micro_batch_tokens") {
		t.Errorf("twice the steps in too much memory are %+v", larger)
	}
	p.file("text/one.txt", strings.Repeat("A line of text to learn.\n\n", 200))
	p.file("text/more/two.md", strings.Repeat("A line of text to learn.\n\n", 200))
	var folder previewView
	p.json(&folder, "train", "pretrain", "--text", filepath.Dir(p.file("text/left-out.png", "\x00")), "--set", "steps=10", "--set", "batch_windows=2", "--dry-run")
	if folder.Steps != 10 || folder.FLOP <= 0 {
		t.Errorf("of a folder the preview is %+v", folder)
	}
	for says, args := range map[string][]string{
		"twice":         {"train", "pretrain", "--text", text, "--data", text},
		"--ptx":         {"train", "sft", "--text", text},
		"holds no text": {"train", "pretrain", "--text", t.TempDir()},
	} {
		if status, _, stderr := p.try(args...); status == exitDone || !strings.Contains(stderr, says) {
			t.Errorf("%v: status %d, %s", args, status, stderr)
		}
	}
	status, stdout, stderr := p.try(train...)
	if status != exitDone || !strings.Contains(stdout, "expected time") || !strings.Contains(stdout, "FLOP in 10 steps") {
		t.Errorf("status %d:\n%s%s", status, stdout, stderr)
	}
	if status, _, stderr := p.try(append(train, "--enqueue")...); status != exitUsage || !strings.Contains(stderr, "--dry-run") {
		t.Errorf("--enqueue beside --dry-run: status %d, %s", status, stderr)
	}
	if status, _, stderr := p.try("train", "pretrain", "--data", text, "--set", "micro_batch_tokens=16777216"); status == exitDone || !strings.Contains(stderr, "expected time") {
		t.Errorf("a run that is too large: status %d, %s", status, stderr)
	}
	var listed struct{ Runs []runView }
	p.json(&listed, "run", "list")
	if len(listed.Runs) != 0 {
		t.Errorf("a preview left %+v", listed.Runs)
	}
}
