package judge

import "strings"

// Words to a person: greetings, thanks, wishes, invitations and notes.

// anyone returns the person and all names that the judge knows, so that a reply
// to somebody else is still read as what it is: right but for the name.
func anyone(who string) []string {
	all := []string{who}
	for _, n := range strings.Fields(maleNames + " " + femaleNames) {
		if n != who {
			all = append(all, n)
		}
	}
	return all
}

// gapsAre returns the share of the gaps in want that hold the right words.
func gapsAre(want map[string][]string) func(match) float64 {
	return func(m match) float64 {
		right, all := 0, 0
		for name, values := range want {
			if v := m.gap(name); v != "" {
				all++
				if contains(values, v) {
					right++
				}
			}
		}
		if all == 0 {
			return 0
		}
		return float64(right) / float64(all)
	}
}

var (
	greetFrames = join(
		frames(.2, "good {when} , {who}", "good {when} {who}", "good {when} to you , {who}"),
		frames(.4, "good {when} , dear {who}", "dear {who} , good {when}"),
		frames(0, "(hello|hi) , {who}", "(hello|hi) {who}", "(hello|hi) , dear {who}", "(hello|hi) dear {who}"))
	greetExtras = frames(.5, "how are you", "how are you (today|this {when})", "i hope you are (well|fine)", "it is (nice|good|lovely) to see you", "i am (happy|glad) to see you", "have a (good|nice|lovely) (day|{when}|time)", "it is nice to meet you", "i hope you have a (good|nice|lovely) (day|{when})", "come in")
)

func readGreet(p *prompt) checker {
	if !p.has("greet", "greeting", "say hello to") && !(p.has("i meet") && p.has("what can i say")) {
		return nil
	}
	who, when := p.name(), ""
	for _, w := range []string{"morning", "afternoon", "evening"} {
		if p.has(w) {
			when = w
		}
	}
	if who == "" || when == "" {
		return nil
	}
	return answer{
		frames: greetFrames, extras: greetExtras,
		bind:  binding{"who": anyone(who), "when": {when, "morning", "afternoon", "evening", "night", "day"}},
		right: gapsAre(map[string][]string{"who": {who}, "when": {when}}),
		must:  []string{who, when}, given: p.low,
	}
}

var (
	goodbyeFrames = join(
		frames(.2, "(goodbye|bye|farewell) , {who}", "(goodbye|bye) {who}", "see you (soon|later) , {who}"),
		frames(.3, "(goodbye|bye) , dear {who}", "(goodbye|bye) dear {who}", "dear {who} , goodbye"))
	goodbyeExtras = join(
		frames(.3, "have a (good|nice|lovely|great) time", "have a (good|safe|nice|lovely) (trip|way|journey)", "have a (good|nice|lovely) day", "have (much|a lot of|) fun", "take care", "take care of yourself", "see you (soon|later|again)", "all the best"),
		frames(.4, "i hope to see you again soon", "i hope to see you (soon|again)", "take care of yourself on the way"),
		frames(.7, "have a (good|safe|nice|lovely) (trip|way|journey) {to}", "have a (good|nice|lovely) time {place}", "have fun {place}", "enjoy {goal}"),
		frames(.8, "take care of yourself on the way {to}"))
)

func readGoodbye(p *prompt) checker {
	who := p.name()
	if !p.has("goodbye", "is leaving") || who == "" {
		return nil
	}
	to := "home"
	if i := strings.LastIndex(p.low, " is going "); i >= 0 {
		to = p.low[i+len(" is going "):]
	}
	for _, end := range []string{" say goodbye", " how do i", " what can i"} {
		to, _, _ = strings.Cut(to, end)
	}
	goal := strings.TrimPrefix(to, "to ")
	return answer{
		frames: goodbyeFrames, extras: goodbyeExtras,
		bind:  binding{"who": anyone(who), "to": {to}, "goal": {goal}, "place": {"at " + goal, "in " + goal, "on " + goal}},
		right: gapsAre(map[string][]string{"who": {who}}),
		must:  []string{who}, given: p.low,
	}
}

var (
	thankFrames = join(
		frames(.2, "(thank you|thanks) for {x} , {who}", "(thank you|thanks) for {x} , dear {who}", "(thank you|thanks|many thanks) , {who} , for {x}", "{who} , thank you for {x}"),
		frames(.5, "dear {who} , (thank you|thanks|many thanks) for {x}", "dear {who} , thank you (very|so) much for {x}", "thank you (very|so) much for {x} , {who}", "thank you (very|so) much for {x} , dear {who}", "many thanks for {x} , {who}", "many thanks for {x} , dear {who}", "i want to thank you for {x} , {who}", "dear {who} , i want to thank you for {x}"))
	thankExtras = frames(.4, "it made me very happy", "it made me happy", "you are (very|so|) kind", "i (like|love) it", "i (like|love) it very much", "that was very kind of you", "it was (very kind|wonderful|lovely)", "i am very happy about it")
	sorryFrames = join(
		frames(.2, "(i am sorry|sorry) for {x} , {who}", "i am sorry for {x} , dear {who}", "{who} , i am sorry for {x}"),
		frames(.5, "i am (so|very) sorry for {x} , {who}", "dear {who} , i am sorry for {x}", "dear {who} , i am (so|very) sorry for {x}", "i am (so|very) sorry for {x} , dear {who}", "please forgive me for {x} , {who}", "dear {who} , please forgive me for {x}"))
	sorryExtras = frames(.4, "i hope you are not (angry|mad|sad)", "it will not happen again", "(please|) forgive me", "please do not be (angry|mad|sad)", "it was my mistake", "i feel bad about it", "it was not nice of me", "i hope you can forgive me")
)

func readThank(p *prompt) checker {
	if !p.has("thank") {
		return nil
	}
	return p.wordsFor(thankFrames, thankExtras)
}

func readSorry(p *prompt) checker {
	if !p.has("say sorry", "apology") {
		return nil
	}
	return p.wordsFor(sorryFrames, sorryExtras)
}

// wordsFor grades thanks or an apology "to {who} for {x}".
func (p *prompt) wordsFor(fs, extras []frame) checker {
	who := p.name()
	i := strings.Index(p.low, who+" for ")
	if who == "" || i < 0 {
		return nil
	}
	x := p.low[i+len(who)+len(" for "):]
	return answer{
		frames: fs, extras: extras, bind: binding{"who": anyone(who)},
		right: gapsAre(map[string][]string{"who": {who}, "x": {x}}),
		must:  []string{who, x}, given: p.low,
	}
}

var (
	wishFrames = join(
		frames(.2, "{wish} , {who}", "{wish} {who}", "{who} , {wish}"),
		frames(.5, "{wish} , dear {who}", "dear {who} , {wish}"))
	wishExtras = frames(.4, "i hope it will be (wonderful|lovely|great|nice|fun)", "i am thinking of you", "all the best from me", "all the best", "i wish you all the best", "i hope you have a (good|lovely|wonderful|great) (time|day)", "have a (good|lovely|great|wonderful) (time|day)", "enjoy it", "have fun", "you will do well", "i hope it goes well", "take care", "i wish you much joy")
)

func readWish(p *prompt) checker {
	if !p.has("wish", "what do i say to", "what can i say") {
		return nil
	}
	who := p.name()
	for _, occasion := range occasions {
		if who == "" || !p.has(occasion) {
			continue
		}
		var all []string
		for _, o := range occasions {
			all = append(all, wishes[o]...)
		}
		return answer{
			frames: wishFrames, extras: wishExtras, bind: binding{"who": anyone(who), "wish": all},
			right: gapsAre(map[string][]string{"who": {who}, "wish": wishes[occasion]}),
			must:  []string{who}, given: p.low,
		}
	}
	return nil
}

// What happens, for invitations and notes.
var events = strings.Split("party; birthday party; picnic; concert; dinner; dance class; music lesson; game; play; trip; meeting; film", "; ")

func eventPhrases(given string) []string {
	all := []string{given}
	for _, e := range events {
		all = append(all, "a "+e, "the "+e)
	}
	return all
}

var somewhere = strings.Split("in the office; in the kitchen; in the garden; in the park; in the museum; in the library; in the hospital; in the cafe; at school; at the station; at the market; at the theatre; at the airport; at the bakery; at the zoo; on the beach; on the farm; near the river; at home", "; ")

var (
	inviteFrames = join(
		frames(.3, "dear {who} , please come to {x} {at} on {day}", "{who} , please come to {x} {at} on {day}", "please come to {x} {at} on {day} , {who}", "dear {who} , come to {x} {at} on {day}", "hello {who} , please come to {x} {at} on {day}"),
		frames(.6, "(dear|hello|hi) {who} , i invite you to {x} {at} on {day}", "(dear|hello|hi) {who} , there is {x} {at} on {day}", "(dear|hello|hi) {who} , i have {x} {at} on {day}", "(dear|hello|hi) {who} , you are invited to {x} {at} on {day}", "there is {x} {at} on {day}", "please come to {x} {at} on {day}", "i invite you to {x} {at} on {day}", "i have {x} {at} on {day}"),
		frames(.7, "(dear|hello|hi) {who} , would you like to come to {x} {at} on {day}", "would you like to come to {x} {at} on {day} , {who}", "would you like to come to {x} {at} on {day}", "(dear|hello|hi) {who} , can you come to {x} {at} on {day}"))
	inviteExtras = join(
		frames(0, "(dear|hello|hi) {who}", "(hello|hi) , {who}"),
		frames(.4, "i hope you can come", "i hope to see you there", "you are (very|) welcome", "see you (there|soon)", "it will be (fun|wonderful|lovely|great|a lot of fun)", "we will have (much|a lot of) fun", "please come", "i would be (very|) happy", "i hope you have time"))
)

func readInvite(p *prompt) checker {
	if !p.has("invite", "invitation", "to come to") {
		return nil
	}
	who, day := p.name(), ""
	for _, d := range dayNames {
		if p.has(d) {
			day = d
		}
	}
	x := ""
	for _, e := range events {
		if p.has("a " + e) {
			x = "a " + e
		}
	}
	i := strings.Index(p.low, x+" ")
	j := strings.Index(p.low, " on "+day)
	if who == "" || day == "" || x == "" || j < i+len(x)+1 {
		return nil
	}
	at := p.low[i+len(x)+1 : j]
	return greeted{who, answer{
		frames: inviteFrames, extras: inviteExtras,
		bind:  binding{"who": anyone(who), "x": eventPhrases(x), "at": append([]string{at}, somewhere...), "day": append([]string{day}, dayNames...)},
		right: gapsAre(map[string][]string{"who": {who}, "x": {x}, "at": {at}, "day": {day}}),
		must:  []string{who, x[2:], at, day}, given: p.low,
	}}
}

// greeted wants the person's name in the reply, be it in a greeting of its own.
type greeted struct {
	who string
	answer
}

func (t greeted) grade(r reply) grade {
	g := t.answer.grade(r)
	if !holdsPhrase(r.low, t.who) {
		g.answers *= 0.7
	}
	return g
}

var (
	noteFrames = join(
		frames(.2, "(dear|hello|hi) {who} , {x} is on {day}", "{who} , {x} is on {day}", "{x} is on {day} , {who}", "{x} is on {day}", "(dear|hello|hi) {who} , there is {x} on {day}"),
		frames(.5, "(dear|hello|hi) {who} , please do not forget {x} on {day}", "(dear|hello|hi) {who} , do not forget {x} on {day}", "please do not forget {x} on {day}", "(dear|hello|hi) {who} , (please|) remember {x} on {day}", "(dear|hello|hi) {who} , please remember that {x} is on {day}", "(dear|hello|hi) {who} , please do not forget that {x} is on {day}", "{who} , please do not forget {x} on {day}"))
	noteExtras = join(
		frames(0, "(dear|hello|hi) {who}", "(hello|hi) , {who}"),
		frames(.4, "i hope to see you there", "see you (there|soon|then)", "have a (good|nice|lovely) (week|day|time)", "i hope you can come", "it will be (fun|wonderful|lovely|great)", "please come", "please do not forget it", "all the best"))
)

func readNote(p *prompt) checker {
	if !p.has("note", "remind", "write to") {
		return nil
	}
	who, day, x := p.name(), "", ""
	for _, d := range dayNames {
		if p.has(d) {
			day = d
		}
	}
	for _, e := range events {
		if p.has("the " + e) {
			x = "the " + e
		}
	}
	if who == "" || day == "" || x == "" {
		return nil
	}
	return greeted{who, answer{
		frames: noteFrames, extras: noteExtras,
		bind:  binding{"who": anyone(who), "x": eventPhrases(x), "day": append([]string{day}, dayNames...)},
		right: gapsAre(map[string][]string{"who": {who}, "x": {x}, "day": {day}}),
		must:  []string{who, x[4:], day}, given: p.low,
	}}
}
