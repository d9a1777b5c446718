package judge

import (
	"strings"
	"testing"
)

// goldenTable: for each kind a prompt and four replies: a full one, a terse one
// that is still fine, a wrong one and a malformed one.
const goldenTable = `
describe | Hello! Tell me about a cat. | A cat is a small animal that has soft fur. It catches mice. You can find it in a house. | A cat is a small animal. | A cat is a big bird. | A cat is a small animal that cat the in.
sentences | Describe a lemon in two sentences. | A lemon is a sour fruit that is full of juice. It grows on a tree. | A lemon is yellow. It grows on a tree. | A lemon is a sour fruit. | A lemon is a sour fruit. it grows on a
list | Please list three pets. | Here are three pets: dog, cat and rabbit. | Dog, cat and rabbit. | Here are three pets: dog, cat and spoon. | Here are three pets: dog cat rabbit.
category | Which group does a hen belong to? | A hen is a bird. Owl and duck are birds too. | It is an animal. | A hen is a fruit. | A hen is an bird.
odd_one_out | Find the odd one out: parrot, pan, deer. | The pan does not belong, because the others are animals. | The pan. | The deer is the odd one out. | The pan does not belong because animals the others.
count_items | Count the items: ear, leg, head. | I count three items: ear, leg and head. | Three. | There are four items in the list. | There three are items.
polite | Make this more polite: Pass me the phone now. | Would you be so kind as to pass me the phone now? | Please pass me the phone now. | Please pass me the cup now. | Please the phone pass me now.
past | Change this to the past: Noah cooks some rice. | In the past tense: Noah cooked some rice. | Noah cooked some rice. | Noah cooks some rice. | Noah some cooked rice.
shorten | Shorten this sentence: As you may know, Oscar, with a happy smile, sits on the beach and thinks about many things. | Shorter: Oscar sits on the beach. | Oscar sits on the beach. | Oscar sings a song. | Oscar on the beach sits many.
fix | Correct this sentence: The painter has an notebook. | The correct sentence is: The painter has a notebook. | The painter has a notebook. | The painter has an notebook. | The painter a has notebook.
compare | Compare a lemon and a melon. | Both are fruits, but a lemon is a sour fruit that is full of juice and a melon is a big fruit that is full of water. | A lemon is sour, but a melon is big. | A lemon has a lid, but a melon is a tool. | A lemon is sour, but a melon the.
which | Which is faster: a zebra or an elephant? | The zebra is faster, and the elephant is not as fast. | The zebra. | The elephant is faster than the zebra. | The zebra faster is elephant.
most | Find the biggest: a snail, a kangaroo or a cat. | The kangaroo is the biggest. It is bigger than a snail and a cat. | The kangaroo. | The biggest is the cat. | The kangaroo biggest the is.
text_where | Read this: Anna sings well. Anna is in the cafe. Leo is in the park. Where is Anna? | The text says that Anna is in the cafe. | In the cafe. | Anna is in the park. | Anna in the is cafe.
text_who | Nina is at the station. Grace is at school. Who is at the station? | The text says that Nina is at the station. | Nina. | Grace is at the station. | Nina at is station the.
text_colour | Text: Henry's ruler is grey. His pillow is pink. Question: What colour is the ruler? | The text says that the ruler is grey. | Grey. | The ruler is pink. | The ruler grey is.
text_how_many | Here is a text. Jack has eight dogs. Zoe has nine dogs. How many dogs does Jack have? | The text says that Jack has eight dogs. | Eight. | Jack has nine dogs. | Jack eight dogs has.
text_when | Read this: Tom will catch a fish on Monday. Noah will walk to the park on Tuesday. When will Tom catch a fish? | The text says that Tom will catch a fish on Monday. | On Monday. | Tom will catch a fish on Tuesday. | Tom will catch on Monday a.
text_what | Amir bought a book at the theatre. Clara bought a pencil at the airport. What did Amir buy? | The text says that Amir bought a book at the theatre. | A book. | Amir bought a pencil. | Amir a book bought the.
greet | Greet Ravi in the morning. | Good morning, dear Ravi! I hope you are well. | Good morning, Ravi! | Good evening, Ravi! | Good Ravi morning the!
goodbye | Paul is going to school. Say goodbye. | Goodbye, dear Paul! Take care of yourself on the way to school. | Goodbye, Paul! | Hello, Paul! Come in. | Goodbye school the Paul to.
thank | Please thank Kate for the lovely picture. | Dear Kate, thank you very much for the lovely picture. You are very kind. | Thank you for the lovely picture, Kate! | Thank you for the cake, Kate! | Thank the lovely for you picture Kate.
sorry | Say sorry to Paul for missing the party. | Dear Paul, I am so sorry for missing the party. It will not happen again. | I am sorry for missing the party, Paul. | I am sorry for the noise, Paul. | I sorry am for Paul the party.
wish | Mia has a test. What can I say? | Dear Mia, good luck with the test! I am thinking of you. | Good luck with the test, Mia! | Happy birthday, Mia! | Good the luck test Mia!
advice | Tom feels lonely. Give him some advice. | I think Tom could call a good friend. I hope it gets better soon. | He could visit the family. | Tom could wash the hands with soap. | Tom could friend a good call.
story | Tell me a short story about Lena and a turtle. | One day Lena walked to the lake. There she saw a small turtle. The turtle was hungry, so Lena gave it some food. The turtle was happy and followed her home. From that day on they were good friends. | One day Lena went to the lake. Near a tree she saw a turtle. The turtle was lost, so Lena showed it the way home. | One day Tom went to the lake. There he saw a small frog. The frog was hungry. | One day Lena turtle the lake. She was the small. Home the it.
add | Add 6 and 1. | The answer is 7, because 6 plus 1 is 7. | 7. | The answer is 8. | The 7 is answer plus.
subtract | What is left if you take 11 from 17? | The answer is 6, because 17 minus 11 is 6. | It is 6. | It is 7. | It 6 is 17.
word_problem | Omar had 11 hens and lost 1. How many hens does he have? | 11 minus 1 is 10, so Omar has 10 hens. | The answer is 10. | Omar has 12 hens now. | Omar 10 has hens the.
opposite | Tell me the opposite of light and of thin. | The opposite of light is dark, and the opposite of thin is thick. | Dark and thick. | The opposite of light is dark, and the opposite of thin is thin. | The opposite light of dark is thick.
synonym | Give me another word for reply. | Answer means the same as reply. | You can say answer. | You can say road. | Another reply word answer for is.
plural | Give me the plurals of tooth and ant. | The plural of tooth is teeth, and the plural of ant is ants. | Teeth and ants. | The plurals are tooths and ants. | The plural teeth of ants is.
next | What comes before seven? | Six comes before seven. | Six. | Eight comes before seven. | Six before comes seven the.
spell | How do you spell pine? | Pine has four letters: p-i-n-e. | It is p-i-n-e. | Pine is spelled p-i-n. | Pine spelled p-i-n-e is.
letter | What is the first letter of apple? | The word apple has the letter a in the first place. | It is a. | The first letter is e. | The letter first a is the.
reason | Why do spiders make webs? | Spiders make webs because they want to catch insects. | Because they want to catch insects. | Because they want to learn new things. | Spiders make webs because webs insects they.
use | What is a candle used for? | People use a candle to make light. It is made of wax. | To make light. | You can use a candle to cut wood. | People use a candle to the make.
where | Where can I find a bee? | You can find a bee in the garden. It makes honey. | In the garden. | You can find a bee in the oven. | You can find the in a bee garden.
season | Paul wants to swim in the sea. Which season is best? | Paul can swim in the sea in summer, because the water is warm. | In summer. | In winter. | Paul can sea swim in the in summer.
yes_no | Is a carrot a vegetable? | Yes, a carrot is a vegetable. You can find it in the garden. | Yes, it is a vegetable. | No, a carrot is a fruit. | Yes carrot the vegetable is.
colour | What is the colour of a pine? | The colour of a pine is green. It is a tall tree. | Green. | A pine is purple. | A pine green colour is.
job | Who would bake bread? | It is a baker. A baker works in a bakery. | A baker. | It is a nurse. | It a baker bread is.
complete | Complete the sentence: A spoon has ... | A spoon has a round end. It is a small thing for the kitchen. | A spoon has a round end. | A spoon has soft fur. | A spoon has round a.
riddle | What is it? It is a thin thing for school. It has empty pages. People use it to write down words. | I think it is a notebook. A notebook is made of paper. | A notebook. | It is a parrot. | It a notebook is the.
sort_words | Put these words in alphabetical order: tram, butterfly, coat. | In alphabetical order: butterfly, coat, tram. | Butterfly, coat, tram. | Coat, butterfly, tram. | Butterfly, coat tram the.
sort_numbers | Sort these numbers from big to small: 14, 18, 20. | In the right order: 20, 18, 14. | 20, 18, 14. | 14, 18, 20. | 20 18, the 14.
invite | Please invite Anna to a music lesson in the office on Thursday. | Dear Anna, I invite you to a music lesson in the office on Thursday. I hope you can come! | Dear Anna, please come to a music lesson in the office on Thursday. | Dear Anna, please come to a picnic in the park on Friday. | Dear Anna, come music the office lesson on.
note | Remind Paul of the party on Monday. | Hello Paul, please do not forget the party on Monday. See you there! | Dear Paul, the party is on Monday. | Dear Paul, the party is on Friday. | Dear Paul party the is Monday.
question | Turn this into a question: Yuki helps a friend. | Does Yuki help a friend? | What does Yuki do? | Yuki helps a friend. | Does Yuki a friend help?
count_words | Count the words: Ravi swims in the lake. | The sentence has five words. | Five. | There are six words in the sentence. | There five words are the.
`

func TestGoldenReplies(t *testing.T) {
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(goldenTable), "\n") {
		f := strings.Split(line, " | ")
		if len(f) != 6 {
			t.Fatalf("%q has %d fields", line, len(f))
		}
		seen[f[0]] = true
		best, terse, wrong, broken := Judge(f[1], f[2], true), Judge(f[1], f[3], true), Judge(f[1], f[4], true), Judge(f[1], f[5], true)
		if best.Kind != f[0] {
			t.Errorf("%s: recognised as %s", f[0], best.Kind)
		}
		if !best.Accepted || best.Score < 0.95 {
			t.Errorf("%s: full reply %+v", f[0], best)
		}
		if !terse.Accepted || terse.Score >= best.Score {
			t.Errorf("%s: terse reply %+v", f[0], terse)
		}
		if wrong.Accepted || wrong.Score > 0.75 || wrong.Score >= terse.Score {
			t.Errorf("%s: wrong reply %+v", f[0], wrong)
		}
		if broken.Accepted || broken.Score > 0.8 || broken.Score >= terse.Score {
			t.Errorf("%s: malformed reply %+v", f[0], broken)
		}
		if cut := Judge(f[1], f[2], false); cut.Accepted || cut.Form >= best.Form || cut.Score >= best.Score {
			t.Errorf("%s: a reply at the length limit: %+v", f[0], cut)
		}
	}
	for _, r := range rules {
		if !seen[r.kind] {
			t.Errorf("no golden replies for %s", r.kind)
		}
	}
}

// Wordings and facts that no generator wrote, but that are true and whole.
func TestNovelRepliesThatAreFine(t *testing.T) {
	for prompt, reply := range map[string]string{
		"Describe a horse.":                        "A horse is a strong and fast animal that eats grass and has long legs.",
		"What is a peach like?":                    "A peach is a round fruit. It is sweet and it has a soft skin.",
		"Tell me about a wolf.":                    "A wolf is a wild animal that hunts at night. It lives in a group.",
		"Compare a cat and a horse.":               "A cat is smaller than a horse. A horse has long legs, but a cat has soft fur.",
		"Tom feels cold. What should he do?":       "Tom should drink some hot tea and put on a warm sweater.",
		"I am late for the bus. Can you help me?":  "I am sorry to hear that. You could take the next bus.",
		"What is the opposite of small?":           "The opposite of small is large.",
		"What colour is an apple?":                 "An apple is red or green.",
		"Is a lion a pet?":                         "No, a lion is not a pet. It is a wild animal.",
		"Write a short story about Ben and a key.": "Yesterday Ben went to the park. In the grass he found an old key. It belonged to Zoe. Ben gave it back to Zoe.",
		"Can you describe a teacher?":              "A teacher is a kind person who helps children learn. A teacher works in a school.",
	} {
		if v := Judge(prompt, reply, true); !v.Accepted {
			t.Errorf("%s => %s\n%+v", prompt, reply, v)
		}
	}
}

// Each slip costs something, and a clear slip costs acceptance.
func TestSlipsLose(t *testing.T) {
	const prompt, fine = "Tell me about a cat.", "A cat is a small animal. It has soft fur."
	good := Judge(prompt, fine, true)
	for name, reply := range map[string]string{
		"rambling":             fine + " People drink water because the body needs water.",
		"another thing":        "A cat is a small animal. A dog guards the house.",
		"wrong fact":           "A cat is a small animal. It has a round shell.",
		"repeated sentence":    fine + " It has soft fur.",
		"repeated fact":        "A cat is a small animal. It has soft fur. A cat has soft fur.",
		"repeated word":        "A cat is a small small animal. It has soft fur.",
		"no capital":           "a cat is a small animal. It has soft fur.",
		"no end mark":          "A cat is a small animal. It has soft fur",
		"inner lower case":     "A cat is a small animal. it has soft fur.",
		"no mark between":      "A cat is a small animal It has soft fur.",
		"broken word":          "A cat is a small animal. It has soft furrl.",
		"wrong article":        "A cat is an small animal. It has soft fur.",
		"space before a mark":  "A cat is a small animal . It has soft fur.",
		"capitals":             "A CAT is a small animal. It has soft fur.",
		"never ending":         strings.Repeat("It has soft fur and a long tail. ", 40),
		"grammar":              "A cat is a small animal that cat the in. It has soft fur.",
		"name in lower case":   "A cat is a small animal. anna has soft fur.",
		"evasion":              "I am not sure about this.",
		"only punctuation":     "...",
		"stops in the middle":  "A cat is a small animal. It has",
		"article without noun": "A cat is a small. It has soft fur.",
	} {
		if v := Judge(prompt, reply, true); v.Accepted || v.Score >= good.Score {
			t.Errorf("%s: %+v against %+v", name, v, good)
		}
	}
}

func TestUnknownRequestsAreJudgedInGeneral(t *testing.T) {
	const prompt = "Discuss the economic causes of inflation."
	on := Judge(prompt, "The economic causes of inflation are many. Prices rise when demand grows.", true)
	off := Judge(prompt, "the cat the cat the cat sat", true)
	if on.Kind != "other" || on.Score <= off.Score || off.Accepted {
		t.Errorf("%+v %+v", on, off)
	}
}
