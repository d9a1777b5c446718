package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

// checkpointDepthMax bounds how far the tree is indented.
const checkpointDepthMax = 6

// CheckpointList answers GET /checkpoints: every checkpoint below the one it was trained from.
func CheckpointList(store runStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		checkpoints, err := store.ListCheckpoints(ctx)
		if err != nil {
			return err
		}
		runs, err := store.ListRuns(ctx)
		if err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.CheckpointsPage(views.CheckpointsData{Lines: lineage(checkpoints, runs)}))
	}
}

// lineage orders checkpoints as a tree: roots by age, each followed by what came of it. Checkpoints of one run are
// siblings, by step.
func lineage(checkpoints []ranking.Checkpoint, runs []ranking.Run) []views.CheckpointLine {
	names := map[int64]string{}
	for _, run := range runs {
		names[run.ID] = run.Name
	}
	known := map[string]bool{}
	for _, checkpoint := range checkpoints {
		known[checkpoint.Name] = true
	}
	children := map[string][]ranking.Checkpoint{}
	oldestFirst := slices.Clone(checkpoints)
	slices.SortFunc(oldestFirst, func(a, b ranking.Checkpoint) int { return int(a.ID - b.ID) })
	for _, checkpoint := range oldestFirst {
		parent := checkpoint.Base
		if parent == checkpoint.Name || !known[parent] {
			parent = ""
		}
		children[parent] = append(children[parent], checkpoint)
	}
	var lines []views.CheckpointLine
	var walk func(parent string, depth int)
	walk = func(parent string, depth int) {
		for _, checkpoint := range children[parent] {
			line := views.CheckpointLine{Checkpoint: checkpoint, Depth: min(depth, checkpointDepthMax)}
			if checkpoint.RunID != nil {
				line.Run = names[*checkpoint.RunID]
			}
			lines = append(lines, line)
			walk(checkpoint.Name, depth+1)
		}
	}
	walk("", 0)
	return lines
}
