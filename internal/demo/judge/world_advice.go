package judge

// adviceTable: what helps against what. Other advice that helps is as good, so
// each line holds more than one answer.
const adviceTable = `
feel cold -> put on a warm coat; drink some hot tea; make a cup of tea; cook a warm soup; drink a cup of tea; put on a warm sweater; wear a warm coat; drink some warm milk; put on dry socks
feel hot -> drink some cold water; sit in the shade; drink a glass of water; swim in the sea; eat some ice cream; rest in a quiet room
feel tired -> go to bed early; rest for a while; sleep well; take a break; drink a cup of coffee; stay in bed and rest; rest in a quiet room; sit in the shade; drink some warm milk; turn off the phone
feel hungry -> eat some bread and fruit; cook a warm soup; eat an apple; bake some bread at home; eat some bread; go to the bakery; bake an apple cake; eat a bowl of soup; go to the market
feel thirsty -> drink a glass of water; make a cup of tea; drink some water; drink some cold water; drink some hot tea; drink some milk; drink some warm milk
feel sad -> talk to a good friend; take a walk in the sun; call a good friend; visit the family; sing a happy song; visit a friend; read a good book; play a game with a friend; listen to music
feel sick -> go to the doctor; stay in bed and rest; drink some hot tea; rest in a quiet room; go to bed early; drink some water; rest for a while; make a cup of tea
feel bored -> read a good book; play a game with a friend; call a good friend; go to the library; take a walk in the sun; visit the zoo; join a music class; visit a friend; play a little every day; visit the family; watch a film about animals; talk to a good friend
feel lonely -> call a good friend; visit the family; talk to a good friend; play a game with a friend; join a music class; visit a friend; be kind and say hello
feel nervous before a test -> take a deep breath; sleep well the night before; rest for a while; go to bed early; talk to a good friend; take a walk in the sun; drink some warm milk
cannot sleep -> drink some warm milk; turn off the phone; read a good book; take a deep breath; make a cup of tea; read a few pages every night; rest in a quiet room; go to bed early; go to bed late
have a headache -> drink some water; rest in a quiet room; go to the doctor; rest for a while; drink a glass of water; turn off the phone; stay in bed and rest; go to bed early; sit in the shade
have wet shoes -> put on dry socks; dry the shoes near the door; put on dry shoes; take off the wet shoes; put the shoes in the sun
have dirty hands -> wash the hands with soap; use warm water and soap; wash the hands; wash the hands with water
have a broken cup -> buy a new cup; throw away the sharp parts with care; use a new cup; take a new cup
have too many apples -> bake an apple cake; give some apples to a friend; give the apples to a friend; bake a cake; make some juice; bake an apple pie
have no bread -> go to the bakery; bake some bread at home; go to the market; buy some bread; bake some bread; go to the market in the morning; ask a friend for help
have a dry plant -> give the plant some water; put the plant in the shade; water the plant; give some water to the plant
am late for the bus -> run to the station; take the next bus; run to the bus; call a friend; get up early tomorrow; go to the station fast
am late for school -> say sorry to the teacher; get up early tomorrow; take the next bus; run to school; take the bus; say sorry
am lost in the city -> look at a map; ask a kind person for the way; ask a friend for help; use a map; call a friend; ask for the way
am afraid of the dark -> turn on a small lamp; sing a happy song; light a candle; call a good friend; turn on the light; take a deep breath
want to learn the piano -> find a good teacher; play a little every day; join a music class; play every day; play the piano every day
want to make new friends -> join a music class; be kind and say hello; play a game with a friend; say hello; join a dance class
want to buy fresh fruit -> go to the market; go to the market in the morning; go to the market early; visit the market
want to see wild animals -> visit the zoo; watch a film about animals; go to the zoo; visit the zoo in the morning; go to the forest
want to read more -> go to the library; read a few pages every night; read a good book; turn off the phone; visit the library; read every night; read a book every week
lost my key -> look in every pocket; ask a friend for help; look near the door; look in the bag; call a friend; look in every bag
`

// advice holds what helps: advice["feel cold"]. The key is how a person says it
// after "I".
var advice = parseMany(adviceTable)

// wishTable: what one wishes on which occasion.
const wishTable = `
birthday -> happy birthday; have a happy birthday; have a lovely birthday; have a good birthday; all the best for the birthday
new job -> good luck with the new job; all the best for the new job; good luck in the new job
test -> good luck with the test; all the best for the test; good luck for the test
trip -> have a good trip; have a safe trip; have a lovely trip; enjoy the trip; have a nice trip
day at the beach -> have a lovely day at the beach; have a good day at the beach; enjoy the day at the beach; have a nice day at the beach
new house -> i wish you much joy in the new house; good luck with the new house; all the best for the new house; much joy in the new house
concert -> good luck with the concert; enjoy the concert; have a lovely concert; have a good concert; all the best for the concert
long flight -> have a good flight; have a safe flight; have a good long flight; have a nice flight
holiday -> have a lovely holiday; have a good holiday; enjoy the holiday; have a nice holiday
big game -> good luck with the big game; all the best for the big game; good luck in the big game; enjoy the big game
`

// wishes holds the good wishes of each occasion, occasions their names in order.
var (
	wishes    = parseMany(wishTable)
	occasions = keysOf(wishTable)
)
