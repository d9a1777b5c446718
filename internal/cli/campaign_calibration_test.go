package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

const calibrationPrompts = `{"id":"a","prompt":"One?","responses":["Yes.","No."]}
{"id":"b","prompt":"Two?","responses":["Yes.","No."]}
{"id":"c","prompt":"Three?","responses":["Yes.","No."]}
`

// join makes somebody a member, as an admin does on the campaign's page.
func (p *program) join(campaign, email string) {
	p.t.Helper()
	pool, err := pgxpool.New(p.t.Context(), p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	defer pool.Close()
	_, err = pool.Exec(p.t.Context(), `INSERT INTO campaign_members (campaign_id, user_id)
		SELECT c.id, u.id FROM campaigns c, users u WHERE c.name = $1 AND u.email = $2`, campaign, email)
	if err != nil {
		p.t.Fatal(err)
	}
}

func TestCampaignCalibration(t *testing.T) {
	p := newProgram(t)
	write := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if e := p.fail(exitFailed, "campaign", "create", "--name", "c", "--calibration", "51"); !strings.Contains(e.Error.Message, "0 to 50, not 51") {
		t.Errorf("too large a batch: %s", e.Error.Message)
	}
	p.json(nil, "campaign", "create", "--name", "c", "--calibration", "2", "--calibration-approval")
	if status, out, _ := p.try("campaign", "calibration", "c"); status != exitDone || !strings.Contains(out, "the first 2 prompts imported will be") {
		t.Errorf("before the import, status %d:\n%s", status, out)
	}
	p.json(nil, "import", "--campaign", "c", write("prompts.jsonl", calibrationPrompts))
	p.json(nil, "user", "add", "--email", "ann@example.org", "--role", "annotator")
	p.join("c", "ann@example.org")

	var shown struct {
		Tasks       struct{ Total, Open int }
		Calibration calibrationCounts
	}
	p.json(&shown, "campaign", "show", "c")
	if shown.Tasks.Total != 1 || shown.Tasks.Open != 1 || shown.Calibration != (calibrationCounts{First: 2, Approval: true, Tasks: 2}) {
		t.Errorf("shown %+v", shown)
	}
	view := func(args ...string) (v calibrationView) {
		t.Helper()
		p.json(&v, append([]string{"campaign", "calibration", "c"}, args...)...)
		return v
	}
	prompts := func(v calibrationView) (ids []string) {
		for _, task := range v.Tasks {
			ids = append(ids, task.Prompt)
		}
		return ids
	}
	v := view()
	if !slices.Equal(prompts(v), []string{"a", "b"}) || !v.Approval || v.First != 2 || len(v.People) != 1 || v.People[0].Left != 2 || v.People[0].ApprovedAt != nil || v.Agreement != nil {
		t.Errorf("the batch is %+v", v)
	}
	if v = view("--approve", "ann@example.org"); v.People[0].ApprovedAt == nil {
		t.Error("nobody was let go on")
	}
	if v = view("--hold", "ann@example.org"); v.People[0].ApprovedAt != nil {
		t.Error("that was not taken back")
	}
	if v = view("--prompts", write("ids.txt", "c\n\n a \n")); !slices.Equal(prompts(v), []string{"c", "a"}) || !v.Approval || v.First != 0 {
		t.Errorf("the named batch is %+v", v)
	}
	if v = view("--no-approval"); v.Approval || len(v.Tasks) != 2 {
		t.Errorf("without approval: %+v", v)
	}
	if status, out, _ := p.try("campaign", "calibration", "c"); status != exitDone || !strings.Contains(out, "ann@example.org") || !strings.Contains(out, "working") {
		t.Errorf("printed with status %d:\n%s", status, out)
	}
	var stats struct {
		Calibration *struct{ Tasks, Judgments int }
	}
	p.json(&stats, "stats", "--campaign", "c")
	if stats.Calibration == nil || stats.Calibration.Tasks != 2 {
		t.Errorf("stats %+v", stats.Calibration)
	}

	if e := p.fail(exitFailed, "campaign", "calibration", "c", "--prompts", write("bad.txt", "a\nnowhere\n")); !strings.Contains(e.Error.Message, `has no prompt "nowhere"`) {
		t.Errorf("an unknown prompt: %s", e.Error.Message)
	}
	p.fail(exitUsage, "campaign", "calibration", "c", "--prompts", write("empty.txt", "\n"))
	p.fail(exitUsage, "campaign", "calibration", "c", "--first", "0")
	p.fail(exitUsage, "campaign", "calibration", "c", "--first", "1", "--remove")
	p.fail(exitFailed, "campaign", "calibration", "c", "--approve", "nobody@example.org")
	if v = view("--remove"); len(v.Tasks) != 0 {
		t.Errorf("removed, and still %+v", v.Tasks)
	}
	if v = view("--first", "1"); !slices.Equal(prompts(v), []string{"a"}) {
		t.Errorf("the first prompt: %+v", v.Tasks)
	}
}
