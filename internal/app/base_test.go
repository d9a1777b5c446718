package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"rankloop/internal/basemodel"
	"rankloop/internal/jobs"
	"rankloop/internal/postgres/postgrestest"
	"rankloop/model"
)

// TestAnotherBaseModel: a program with another base model makes that base. What was base goes on under another name, and
// whoever used it says so. A program that is older works on beside it and changes nothing back.
func TestAnotherBaseModel(t *testing.T) {
	url, folder := postgrestest.URL(t), t.TempDir()
	var said bytes.Buffer
	open := func(base *BaseModel) *Services {
		t.Helper()
		s, err := Open(t.Context(), Options{DatabaseURL: url, DataDir: folder, Base: base, Log: slog.New(slog.NewTextHandler(&said, nil))})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	before := open(&EmbeddedBase)
	first, err := before.Store.CheckpointByName(t.Context(), jobs.DefaultBase)
	if err != nil {
		t.Fatal(err)
	}
	run, _, err := before.Launcher().Launch(t.Context(), jobs.Request{Kind: "pretrain", Name: "further", Sets: []string{"steps=1"}})
	if err != nil {
		t.Fatal(err)
	}
	trained, err := before.addCheckpoint(t.Context(), "trained", jobs.DefaultBase, mustCheckpoint(t), model.F16)
	if err != nil || trained.Base != jobs.DefaultBase {
		t.Fatalf("%+v, %v", trained, err)
	}

	newer := EmbeddedBase
	newer.Digest = func() string { return "another" }
	newer.Checkpoint = func() (*model.Checkpoint, error) {
		c := *mustCheckpoint(t)
		c.Weights = c.Weights.Clone()
		c.Weights.Data[0]++
		return &c, nil
	}
	after := open(&newer)
	second, err := after.Store.CheckpointByName(t.Context(), jobs.DefaultBase)
	if err != nil || second.SHA256 == first.SHA256 || second.Base != jobs.DefaultBase {
		t.Fatalf("base is %+v, %v", second, err)
	}
	aside := jobs.DefaultBase + "-" + first.SHA256[:8]
	kept, err := after.Store.CheckpointByName(t.Context(), aside)
	if err != nil || kept.SHA256 != first.SHA256 || kept.Base != aside {
		t.Fatalf("what was base is %+v, %v", kept, err)
	}
	if trained, err = after.Store.CheckpointByName(t.Context(), "trained"); err != nil || trained.Base != aside {
		t.Errorf("what was trained from it says %+v, %v", trained, err)
	}
	if again, err := after.Store.RunByName(t.Context(), "further"); err != nil || again.Base != aside || string(again.Spec) != string(run.Spec) {
		t.Errorf("a run from it says base %s, %v", again.Base, err)
	}
	// The run goes on from the model that it was made with, under its own name and without a word about the base.
	if again, created, err := after.Launcher().Launch(t.Context(), jobs.Request{Kind: "pretrain", Name: "further"}); err != nil || created || again.ID != run.ID {
		t.Errorf("the run cannot be resumed: %+v, created %v, %v", again, created, err)
	}
	if after.ownText(kept) == nil || after.ownText(second) == nil || after.ownText(trained) != nil {
		t.Error("the wrong models have text of their own")
	}
	if !strings.Contains(said.String(), "before="+aside) {
		t.Errorf("the log says\n%s", said.String())
	}

	for _, base := range []*BaseModel{&EmbeddedBase, &newer} {
		s := open(base)
		if c, err := s.Store.CheckpointByName(t.Context(), jobs.DefaultBase); err != nil || c.SHA256 != second.SHA256 {
			t.Errorf("base is %+v, %v", c, err)
		}
	}
	if all, err := after.Store.ListCheckpoints(t.Context()); err != nil || len(all) != 3 {
		t.Errorf("%d checkpoints, %v", len(all), err)
	}
}

func mustCheckpoint(t *testing.T) *model.Checkpoint {
	t.Helper()
	c, err := basemodel.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
