package views

import "rankloop/ranking"

// HomeData is the first page after signing in.
type HomeData struct {
	User        ranking.User
	Assignments []ranking.Assignment

	UnreadAnswers int // to one's own questions

	FirstSteps *ranking.FirstSteps // of an admin; nil for others
}

// settingUp reports whether steps are left to be taken before the loop runs.
func (d HomeData) settingUp() bool {
	if d.FirstSteps == nil {
		return false
	}
	done, all := d.FirstSteps.Done()
	return done < all
}

// firstStep is one line of what an admin does before the loop runs: its key in the catalog, where it is done, and whether.
type firstStep struct {
	Key, Path string
	Done      bool
}

// firstSteps are all of them, in order. A step that cannot be taken yet leads nowhere.
func firstSteps(f ranking.FirstSteps) []firstStep {
	campaign, upload, train := "", "", ""
	if f.Campaign != "" {
		campaign = CampaignPath(f.Campaign)
		upload = campaign + "/upload"
	}
	if f.Snapshots {
		train = "/new/run?kind=reward"
	} else if f.Judgments {
		train = "/new/snapshot"
	}
	return []firstStep{
		{"campaign", "/new/campaign", f.Campaign != ""},
		{"prompts", upload, f.Prompts},
		{"responses", campaign, f.Tasks},
		{"people", campaign, f.People},
		{"train", train, f.Trained},
	}
}

// nextKey says what the campaign's button leads to, as a key of the catalog.
func nextKey(kind ranking.CampaignKind, next ranking.NextStep, judged bool) string {
	switch next {
	case ranking.NextRead, ranking.NextQuiz, ranking.NextRetry, ranking.NextUsedUp:
		return "next." + string(next)
	}
	if next == ranking.NextResume || judged {
		return "next.resume_" + string(kind)
	}
	return "kinds.start_" + string(kind)
}

// mayResearch reports whether the person sees data and runs.
func (d HomeData) mayResearch() bool { return d.User.Role != ranking.RoleAnnotator }

// SignInData is the sign-in page.
type SignInData struct {
	Next, Email, Error string
	Unsent             *UnsentForm // what a form said whose session had ended; nil for none
}

// UnsentForm is a form that waits for its person to sign in.
type UnsentForm struct {
	Path   string
	Fields []FormValue
}

// FormValue is one field of a form with its value; a name may come more than once.
type FormValue struct{ Name, Value string }

// LinkData is the page of a single-use link.
type LinkData struct {
	Link        ranking.Link
	Token       string
	JoinAs      string // the person signed in who is invited; "" asks for a new account
	Name, Email string // what the form had
	Error       string
}

// asksForAccount reports whether the link creates an account.
func (d LinkData) asksForAccount() bool {
	return d.Link.Purpose == ranking.LinkFirstAdmin || d.Link.Purpose == ranking.LinkInvitation && d.JoinAs == ""
}

// AccountData is the page of one's own account.
type AccountData struct {
	User           ranking.User
	Error          string
	Saved          bool
	OptedOut       []string // of ranking.SensitiveCategories
	SensitiveSaved bool
	SuggestsBreaks bool // wants breaks to be suggested
	BreaksSaved    bool
}

// ErrorPageData says what went wrong.
type ErrorPageData struct {
	Status    int
	Message   string
	Details   []ranking.Detail
	RequestID string
}
