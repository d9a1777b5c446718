package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rankloop/ranking"
)

const quizFile = `{"pass_mark":0.5,"attempts":2,"items":[
	{"text":"Are ties allowed?","options":[{"text":"Yes","right":true},{"text":"No"}]},
	{"text":"Name a colour.","responses":[{"text":"Red.","rank":1},{"text":"No.","rank":2}]}]}`

func TestCampaignQuiz(t *testing.T) {
	p := newProgram(t)
	write := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, bad := write("quiz.json", quizFile), write("bad.json", strings.Replace(quizFile, `"rank":2`, `"rank":9`, 1))
	if e := p.fail(exitFailed, "campaign", "create", "--name", "c", "--quiz", bad); !strings.Contains(e.Error.Message, "item 2: response 2: the rank must be 1 to 6") {
		t.Errorf("a bad quiz: %s", e.Error.Message)
	}
	p.json(nil, "campaign", "create", "--name", "c", "--quiz", good) // the name is free: nothing was made before
	var shown struct {
		QuizVersion int `json:"quiz_version"`
	}
	p.json(&shown, "campaign", "show", "c")
	if shown.QuizVersion != 1 {
		t.Errorf("show names version %d", shown.QuizVersion)
	}

	var view quizView
	p.json(&view, "campaign", "quiz", "c")
	if view.Version != 1 || view.Quiz == nil || len(view.Quiz.Items) != 2 || len(view.People) != 0 {
		t.Errorf("the quiz is %+v", view)
	}
	p.json(&view, "campaign", "quiz", "c", "--set", write("longer.json", strings.Replace(quizFile, "0.5", "1", 1)), "--everybody")
	if view.Version != 2 || view.Quiz.PassMark != 1 {
		t.Errorf("the new quiz is %+v", view)
	}
	var printed ranking.Quiz
	p.json(&printed, "campaign", "quiz", "c", "--print")
	if printed.Validate() != nil || printed.Attempts != 2 {
		t.Errorf("printed %+v", printed)
	}
	if status, out, _ := p.try("campaign", "show", "c"); status != exitDone || !strings.Contains(out, "quiz version 2: 2 items, 2 right to pass, 2 attempts") {
		t.Errorf("shown with status %d:\n%s", status, out)
	}

	p.fail(exitFailed, "campaign", "quiz", "c", "--everybody")
	p.fail(exitUsage, "campaign", "quiz", "c", "--remove", "--print")
	p.fail(exitFailed, "campaign", "quiz", "c", "--reset", "nobody@example.org")
	p.fail(exitUsage, "campaign", "quiz", "c", "--set", "no-such-file.json")
	view = quizView{}
	p.json(&view, "campaign", "quiz", "c", "--remove")
	if view.Version != 0 || view.Quiz != nil {
		t.Errorf("after its removal: %+v", view)
	}
	p.fail(exitFailed, "campaign", "quiz", "c", "--print")
}
