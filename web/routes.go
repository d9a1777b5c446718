package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/handlers"
)

// route is one line of the route table.
type route struct {
	Method  string
	Path    string
	Access  access
	Handler echo.HandlerFunc

	BodyBytesMax int64         // 0 for bodyBytesMax
	Timeout      time.Duration // 0 for handlerTimeout
	Stream       bool          // server-sent events: no time limit, counted, ended when the server stops
	Bare         bool          // needs neither database nor session
}

// How long the routes may take that move whole sets of data.
const (
	uploadTimeout  = 15 * time.Minute // sending, reading or importing a large file
	readingTimeout = 5 * time.Minute  // going through all the judgments of a campaign
	exportTimeout  = time.Hour        // a file on its way to a slow reader
)

const assetRoute = "/assets/:hash/*"

// routeTable is every route of the server.
func (s *Server) routeTable() []route {
	const get, post = http.MethodGet, http.MethodPost
	store := s.deps.Store
	desk := s.deps.Desk
	signIn := handlers.NewSignIn(store, s)
	sampling := handlers.NewSamplingTurns()
	playground := handlers.NewPlayground(desk, sampling)
	dialogue := handlers.NewDialogue(store, sampling)
	rehearsals := handlers.NewRehearsals(store)
	rehearsal := handlers.NewRehearsal(rehearsals, sampling)

	return []route{
		// The machine's own.
		{Method: get, Path: "/healthz", Access: public, Handler: healthz, Bare: true},
		{Method: get, Path: "/readyz", Access: public, Handler: s.readyz, Bare: true},
		{Method: get, Path: assetRoute, Access: public, Handler: serveAsset, Bare: true},

		// Coming and going.
		{Method: get, Path: "/sign-in", Access: public, Handler: signIn.Show},
		{Method: post, Path: "/sign-in", Access: public, Handler: signIn.Submit, BodyBytesMax: 2 * bodyBytesMax}, // a form comes along
		{Method: post, Path: "/api/sign-in", Access: public, Handler: signIn.SubmitJSON},
		{Method: post, Path: "/sign-out", Access: public, Handler: handlers.SignOut(s)},
		{Method: get, Path: "/link/:token", Access: public, Handler: handlers.LinkShow(store)},
		{Method: post, Path: "/link/:token", Access: public, Handler: handlers.LinkRedeem(store, s)},
		{Method: post, Path: "/preferences", Access: public, Handler: handlers.PreferencesSave(store)},

		// Everybody who is signed in.
		{Method: get, Path: "/", Access: signedIn, Handler: handlers.Home(store)},
		{Method: get, Path: "/account", Access: signedIn, Handler: handlers.AccountShow(store)},
		{Method: post, Path: "/account/password", Access: signedIn, Handler: handlers.AccountPassword(store, s)},
		{Method: get, Path: "/history", Access: signedIn, Handler: handlers.HistoryList(store)},
		{Method: get, Path: "/history/hours.csv", Access: signedIn, Handler: handlers.HistoryHours(store)},
		{Method: get, Path: "/history/judgments/:id", Access: signedIn, Handler: handlers.HistoryJudgment(store)},
		{Method: post, Path: "/history/judgments/:id", Access: signedIn, Handler: handlers.RevisionSave(store)},
		{Method: get, Path: "/history/judgments/:id/edit", Access: signedIn, Handler: handlers.RevisionNew(store)},
		{Method: get, Path: "/history/skips/:id", Access: signedIn, Handler: handlers.HistorySkip(store)},
		{Method: post, Path: "/api/judgments/:id/submit", Access: signedIn, Handler: handlers.RevisionSaveJSON(store)},
		{Method: post, Path: "/api/judgments/:id/draft", Access: signedIn, Handler: handlers.RevisionDraftSave(store)},
		{Method: post, Path: "/account/breaks", Access: signedIn, Handler: handlers.AccountBreaks(store)},
		{Method: post, Path: "/account/sensitive", Access: signedIn, Handler: handlers.AccountSensitive(store)},
		{Method: get, Path: "/questions", Access: signedIn, Handler: handlers.QuestionMine(store)},

		// Judging. A lease belongs to one user; the store refuses everybody else's.
		{Method: get, Path: "/campaigns/:name/guidelines", Access: reader, Handler: handlers.GuidelinesShow(store)},
		{Method: post, Path: "/campaigns/:name/guidelines/acknowledge", Access: judge, Handler: handlers.GuidelinesAcknowledge(store)},
		{Method: get, Path: "/api/campaigns/:name/guidelines", Access: reader, Handler: handlers.GuidelinesJSON(store)},
		{Method: post, Path: "/api/campaigns/:name/guidelines/acknowledge", Access: judge, Handler: handlers.GuidelinesAcknowledgeJSON(store)},
		{Method: get, Path: "/campaigns/:name/quiz", Access: judge, Handler: handlers.QuizShow(store)},
		{Method: post, Path: "/campaigns/:name/quiz", Access: judge, Handler: handlers.QuizSubmit(store)},
		{Method: get, Path: "/campaigns/:name/quiz/attempts/:number", Access: judge, Handler: handlers.QuizAttempt(store)},
		{Method: get, Path: "/api/campaigns/:name/quiz", Access: judge, Handler: handlers.QuizJSON(store)},
		{Method: post, Path: "/api/campaigns/:name/quiz", Access: judge, Handler: handlers.QuizSubmitJSON(store)},
		{Method: get, Path: "/campaigns/:name/rank", Access: judge, Handler: handlers.RankingNew(store)},
		{Method: get, Path: "/campaigns/:name/last", Access: judge, Handler: handlers.RevisionLast(store)},
		{Method: post, Path: "/leases/:token/submit", Access: signedIn, Handler: handlers.RankingSave(store)},
		{Method: post, Path: "/leases/:token/skip", Access: signedIn, Handler: handlers.RankingSkip(store)},
		{Method: post, Path: "/leases/:token/question", Access: signedIn, Handler: handlers.QuestionAsk(store)},
		{Method: get, Path: "/leases/:token/break", Access: signedIn, Handler: handlers.LeaseBreak(store)},
		{Method: post, Path: "/leases/:token/release", Access: signedIn, Handler: handlers.LeaseRelease(store)},
		{Method: get, Path: "/api/campaigns/:name/next", Access: judge, Handler: handlers.RankingNext(store)},
		{Method: post, Path: "/api/leases/:token/submit", Access: signedIn, Handler: handlers.RankingSaveJSON(store)},
		{Method: post, Path: "/api/leases/:token/skip", Access: signedIn, Handler: handlers.RankingSkipJSON(store)},
		{Method: post, Path: "/api/leases/:token/question", Access: signedIn, Handler: handlers.QuestionAskJSON(store)},
		{Method: post, Path: "/api/leases/:token/draft", Access: signedIn, Handler: handlers.DraftSave(store)},
		{Method: post, Path: "/api/preview", Access: signedIn, Handler: handlers.Preview()},
		{Method: post, Path: "/api/leases/:token/next", Access: signedIn, Handler: handlers.LeaseAhead(store)},
		{Method: post, Path: "/api/leases/:token/renew", Access: signedIn, Handler: handlers.LeaseRenew(store)},

		// Conversations, turn by turn. Submitting the lease ends one.
		{Method: get, Path: "/api/leases/:token/dialogue", Access: signedIn, Handler: dialogue.Show},
		{Method: post, Path: "/leases/:token/turns/:turn/say", Access: signedIn, Handler: dialogue.Say, Timeout: handlers.DialogueTimeout},
		{Method: post, Path: "/leases/:token/turns/:turn/suggestions", Access: signedIn, Handler: dialogue.Suggestions, Timeout: handlers.DialogueTimeout},
		{Method: post, Path: "/leases/:token/turns/:turn/suggestions/stream", Access: signedIn, Handler: dialogue.Stream, Stream: true},
		{Method: post, Path: "/leases/:token/turns/:turn/reply", Access: signedIn, Handler: dialogue.Reply},
		{Method: post, Path: "/leases/:token/turns/:turn/back", Access: signedIn, Handler: dialogue.Back},
		{Method: post, Path: "/api/leases/:token/turns/:turn/say", Access: signedIn, Handler: dialogue.SayJSON},
		{Method: post, Path: "/api/leases/:token/turns/:turn/suggestions", Access: signedIn, Handler: dialogue.SuggestionsJSON, Timeout: handlers.DialogueTimeout},
		{Method: post, Path: "/api/leases/:token/turns/:turn/reply", Access: signedIn, Handler: dialogue.ReplyJSON},
		{Method: post, Path: "/api/leases/:token/turns/:turn/back", Access: signedIn, Handler: dialogue.BackJSON},

		// Admins.
		{Method: get, Path: "/campaigns", Access: admin, Handler: handlers.CampaignList(desk)},
		{Method: post, Path: "/campaigns", Access: admin, Handler: handlers.CampaignCreate(desk)},
		{Method: get, Path: "/new/campaign", Access: admin, Handler: handlers.CampaignNew(desk)},
		{Method: get, Path: "/campaigns/:name", Access: admin, Handler: handlers.CampaignShow(desk)},
		{Method: post, Path: "/campaigns/:name/state", Access: admin, Handler: handlers.CampaignState(desk)},
		{Method: post, Path: "/campaigns/:name/guidelines", Access: admin, Handler: handlers.CampaignGuidelines(desk)},
		{Method: post, Path: "/campaigns/:name/rules", Access: admin, Handler: handlers.CampaignRules(desk)},
		{Method: post, Path: "/campaigns/:name/conversations", Access: admin, Handler: handlers.CampaignConversations(desk)},
		{Method: post, Path: "/campaigns/:name/schema", Access: admin, Handler: handlers.CampaignSchema(desk)},
		{Method: post, Path: "/campaigns/:name/revisions", Access: admin, Handler: handlers.CampaignRevisions(desk)},
		{Method: post, Path: "/campaigns/:name/pace", Access: admin, Handler: handlers.CampaignPace(desk)},
		{Method: get, Path: "/campaigns/:name/try", Access: admin, Handler: handlers.SampleShow(desk, rehearsals)},
		{Method: post, Path: "/campaigns/:name/try/:task/submit", Access: admin, Handler: handlers.SampleSubmit(desk, rehearsals)},
		{Method: post, Path: "/campaigns/:name/try/:task/skip", Access: admin, Handler: handlers.SamplePass(desk)},
		{Method: post, Path: "/campaigns/:name/try/:task/question", Access: admin, Handler: handlers.SamplePass(desk)},
		{Method: post, Path: "/api/campaigns/:name/try/:task/submit", Access: admin, Handler: handlers.SampleSubmitJSON(desk, rehearsals)},
		{Method: post, Path: "/campaigns/:name/try/:task/turns/:turn/say", Access: admin, Handler: rehearsal.Say, Timeout: handlers.DialogueTimeout},
		{Method: post, Path: "/campaigns/:name/try/:task/turns/:turn/suggestions", Access: admin, Handler: rehearsal.Suggestions, Timeout: handlers.DialogueTimeout},
		{Method: post, Path: "/campaigns/:name/try/:task/turns/:turn/suggestions/stream", Access: admin, Handler: rehearsal.Stream, Stream: true},
		{Method: post, Path: "/campaigns/:name/try/:task/turns/:turn/reply", Access: admin, Handler: rehearsal.Reply},
		{Method: post, Path: "/campaigns/:name/try/:task/turns/:turn/back", Access: admin, Handler: rehearsal.Back},
		{Method: post, Path: "/api/campaigns/:name/try/:task/turns/:turn/say", Access: admin, Handler: rehearsal.SayJSON},
		{Method: post, Path: "/api/campaigns/:name/try/:task/turns/:turn/reply", Access: admin, Handler: rehearsal.ReplyJSON},
		{Method: post, Path: "/api/campaigns/:name/try/:task/draft", Access: admin, Handler: rehearsals.DraftSave},
		{Method: get, Path: "/campaigns/:name/quiz/edit", Access: admin, Handler: handlers.QuizEdit(desk)},
		{Method: post, Path: "/campaigns/:name/quiz/edit", Access: admin, Handler: handlers.QuizSave(desk)},
		{Method: post, Path: "/campaigns/:name/quiz/file", Access: admin, Handler: handlers.QuizSaveFile(desk)},
		{Method: post, Path: "/campaigns/:name/quiz/remove", Access: admin, Handler: handlers.QuizRemove(desk)},
		{Method: get, Path: "/campaigns/:name/quiz/results", Access: admin, Handler: handlers.QuizResults(desk)},
		{Method: post, Path: "/campaigns/:name/quiz/reset", Access: admin, Handler: handlers.QuizReset(desk)},
		{Method: get, Path: "/campaigns/:name/calibration", Access: admin, Handler: handlers.CalibrationShow(desk)},
		{Method: post, Path: "/campaigns/:name/calibration", Access: admin, Handler: handlers.CalibrationSave(desk)},
		{Method: post, Path: "/campaigns/:name/calibration/approve", Access: admin, Handler: handlers.CalibrationApprove(desk)},
		{Method: get, Path: "/campaigns/:name/try/quiz", Access: admin, Handler: handlers.QuizSampleShow(desk)},
		{Method: post, Path: "/campaigns/:name/try/quiz", Access: admin, Handler: handlers.QuizSampleSubmit(desk)},
		{Method: get, Path: "/campaigns/:name/questions", Access: admin, Handler: handlers.QuestionList(desk)},
		{Method: post, Path: "/campaigns/:name/questions", Access: admin, Handler: handlers.QuestionAnswer(desk)},
		{Method: post, Path: "/campaigns/:name/withdraw", Access: admin, Handler: handlers.TaskWithdraw(desk)},
		{Method: post, Path: "/campaigns/:name/members", Access: admin, Handler: handlers.CampaignMemberAdd(desk)},
		{Method: post, Path: "/campaigns/:name/members/remove", Access: admin, Handler: handlers.CampaignMemberRemove(desk)},
		{Method: post, Path: "/campaigns/:name/invitations", Access: admin, Handler: handlers.CampaignInvite(desk)},
		{Method: post, Path: "/campaigns/:name/generate", Access: admin, Handler: handlers.CampaignGenerate(desk)},
		{Method: get, Path: "/campaigns/:name/upload", Access: admin, Handler: handlers.UploadNew(desk)},
		{Method: post, Path: "/campaigns/:name/upload", Access: admin, Handler: handlers.UploadSave(desk),
			BodyBytesMax: handlers.UploadBytesMax + bodyBytesMax, Timeout: uploadTimeout},
		{Method: get, Path: "/campaigns/:name/uploads/:sha256", Access: admin, Handler: handlers.UploadShow(desk), Timeout: uploadTimeout},
		{Method: post, Path: "/campaigns/:name/uploads/:sha256", Access: admin, Handler: handlers.UploadConfirm(desk), Timeout: uploadTimeout},
		{Method: get, Path: "/people", Access: admin, Handler: handlers.PeopleList(desk)},
		{Method: post, Path: "/people/invitations", Access: admin, Handler: handlers.PeopleInvite(desk)},
		{Method: post, Path: "/people/invitations/revoke", Access: admin, Handler: handlers.PeopleRevoke(desk)},
		{Method: post, Path: "/people/:id/disabled", Access: admin, Handler: handlers.PeopleDisable(desk)},
		{Method: post, Path: "/people/:id/sign-in-link", Access: admin, Handler: handlers.PeopleSignInLink(desk)},
		{Method: get, Path: "/audit", Access: admin, Handler: handlers.AuditList(desk)},

		// Researchers and admins.
		{Method: get, Path: "/datasets", Access: data, Handler: handlers.DatasetList(desk)},
		{Method: get, Path: "/datasets/:name", Access: data, Handler: handlers.DatasetShow(desk), Timeout: readingTimeout},
		{Method: get, Path: "/datasets/:name/export", Access: data, Handler: handlers.DatasetExport(desk), Timeout: exportTimeout},
		{Method: get, Path: "/new/snapshot", Access: data, Handler: handlers.SnapshotNew(desk)},
		{Method: post, Path: "/snapshots", Access: data, Handler: handlers.SnapshotCreate(desk), Timeout: readingTimeout},
		{Method: get, Path: "/snapshots/:name", Access: data, Handler: handlers.SnapshotShow(desk), Timeout: readingTimeout},
		{Method: get, Path: "/snapshots/:name/export", Access: data, Handler: handlers.SnapshotExport(desk), Timeout: exportTimeout},
		{Method: get, Path: "/runs", Access: data, Handler: handlers.RunList(desk)},
		{Method: post, Path: "/runs", Access: data, Handler: handlers.RunCreate(desk), Timeout: readingTimeout},
		{Method: get, Path: "/new/run", Access: data, Handler: handlers.RunNew(desk)},
		{Method: post, Path: "/new/run/data", Access: data, Handler: handlers.RunDataSave(desk),
			BodyBytesMax: handlers.UploadBytesMax + bodyBytesMax, Timeout: uploadTimeout},
		{Method: get, Path: "/runs/:name", Access: data, Handler: handlers.RunShow(desk)},
		{Method: post, Path: "/runs/:name/stop", Access: data, Handler: handlers.RunStop(desk)},
		{Method: post, Path: "/runs/:name/resume", Access: data, Handler: handlers.RunResume(desk)},
		{Method: get, Path: "/runs/:name/events", Access: data, Handler: handlers.RunEvents(desk), Stream: true},
		{Method: get, Path: "/checkpoints", Access: data, Handler: handlers.CheckpointList(desk)},
		{Method: get, Path: "/checkpoints/:name", Access: data, Handler: handlers.CheckpointShow(desk)},
		{Method: post, Path: "/checkpoints/:name/evaluations", Access: data, Handler: handlers.EvaluationCreate(desk)},
		{Method: get, Path: "/evaluations/:id", Access: data, Handler: handlers.EvaluationShow(desk)},
		{Method: post, Path: "/evaluations/:id/stop", Access: data, Handler: handlers.EvaluationStop(desk)},
		{Method: get, Path: "/playground", Access: data, Handler: playground.Show},
		{Method: post, Path: "/playground", Access: data, Handler: playground.Create, Timeout: handlers.PlaygroundTimeout},
		{Method: post, Path: "/playground/stream", Access: data, Handler: playground.Stream, Stream: true},
	}
}

// routeOf is the table's line that c matched.
func (s *Server) routeOf(c echo.Context) (route, bool) {
	for _, r := range s.routes {
		if r.Path == c.Path() && r.Method == c.Request().Method {
			return r, true
		}
	}
	return route{}, false
}
