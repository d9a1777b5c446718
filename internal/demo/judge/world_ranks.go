package judge

import (
	"strconv"
	"strings"
)

// Ranks by size (which is also by weight) and by speed. Only things of one
// table are compared; things of one rank are equal.
const (
	animalSizes   = `1: bee ant beetle ladybug spider; 2: snail butterfly; 3: mouse goldfish frog; 4: hen duck squirrel owl parrot pigeon; 5: cat rabbit turtle eagle; 6: dog swan monkey fox penguin; 7: sheep goat wolf kangaroo; 8: pig deer; 9: horse cow lion tiger zebra bear camel dolphin shark; 10: giraffe; 11: elephant; 13: whale`
	foodSizes     = `1: pea; 2: cherry strawberry grape bean; 3: plum; 4: apple banana lemon orange pear peach carrot potato onion; 5: cucumber leek; 6: melon cabbage`
	vehicleSizes  = `2: bike; 5: car; 7: bus truck; 8: tram; 10: plane; 11: train; 13: ship`
	animalSpeeds  = `1: snail; 2: turtle ant; 4: pig hen mouse frog; 5: cow sheep goat squirrel; 6: cat dog rabbit elephant fox; 7: wolf deer; 8: horse lion tiger zebra; 9: eagle`
	vehicleSpeeds = `5: bike tractor; 7: tram; 8: bus truck; 9: car; 11: train; 13: plane`
)

var (
	sizes  = []map[string]int{parseRanks(animalSizes), parseRanks(foodSizes), parseRanks(vehicleSizes)}
	speeds = []map[string]int{parseRanks(animalSpeeds), parseRanks(vehicleSpeeds)}
)

func parseRanks(table string) map[string]int {
	ranks := map[string]int{}
	for _, group := range strings.Split(table, "; ") {
		rank, names, _ := strings.Cut(group, ": ")
		n, err := strconv.Atoi(rank)
		if err != nil {
			panic("judge: bad rank " + rank)
		}
		for _, name := range strings.Fields(names) {
			ranks[name] = n
		}
	}
	return ranks
}

// A quality is something that can be compared.
type quality struct {
	base, more, most string
	speed            bool // by speed, otherwise by size
	low              bool // the lowest rank wins
}

var qualities = []quality{
	{"big", "bigger", "biggest", false, false},
	{"large", "larger", "largest", false, false},
	{"heavy", "heavier", "heaviest", false, false},
	{"small", "smaller", "smallest", false, true},
	{"light", "lighter", "lightest", false, true},
	{"fast", "faster", "fastest", true, false},
	{"slow", "slower", "slowest", true, true},
}

// beats says whether x has more of the quality than y; known: the tables can tell.
func (q quality) beats(x, y string) (wins, known bool) {
	tables := sizes
	if q.speed {
		tables = speeds
	}
	for _, ranks := range tables {
		a, okA := ranks[x]
		b, okB := ranks[y]
		if okA && okB {
			return a != b && (a > b) != q.low, a != b
		}
	}
	return false, false
}
