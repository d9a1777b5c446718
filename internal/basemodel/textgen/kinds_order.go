package textgen

import (
	"sort"
	"strconv"
	"strings"
)

var orderKinds = []kind{
	{"sort_words", one(
		"Sort these words by the alphabet: {l}.", "Put these words in alphabetical order: {l}.", "Please sort these words from a to z: {l}.",
		"What is the alphabetical order of these words: {l}?", "Sort from a to z: {l}.", "Can you sort these words by the alphabet? {l}.",
	), drawSortWords},
	{"sort_numbers", one(
		"Sort these numbers from {q}: {l}.", "Put these numbers in order from {q}: {l}.", "Please sort these numbers from {q}: {l}.",
		"What is the order of these numbers from {q}: {l}?", "Order these numbers from {q}: {l}.", "Can you sort these numbers from {q}? {l}.",
	), drawSortNumbers},
}

// inOrder says a sorted list, and how it can fail.
func inOrder(d *dice, asked, sorted []string) (good, wrong, short []string) {
	say := func(list []string) []string {
		l := strings.Join(list, ", ")
		return []string{capital(l) + ".", "The order is " + l + ".", "In the right order: " + l + "."}
	}
	bad := append([]string{}, sorted...)
	i := d.roll(len(bad) - 1)
	bad[i], bad[i+1] = bad[i+1], bad[i]
	backwards := make([]string, len(sorted))
	for i, s := range sorted {
		backwards[len(sorted)-1-i] = s
	}
	return say(sorted), append(say(bad), say(backwards)...), say(sorted[:len(sorted)-1])
}

func drawSortWords(d *dice) task {
	var list []string
	for {
		list = nil
		for _, t := range some(d, counted, d.between(3, 4)) {
			list = append(list, t.name)
		}
		if !sort.StringsAreSorted(list) && firstLettersDiffer(list) {
			break
		}
	}
	sorted := append([]string{}, list...)
	sort.Strings(sorted)
	good, wrong, short := inOrder(d, list, sorted)
	return task{slots: []string{"l", strings.Join(list, ", ")}, good: good, wrong: wrong, short: short, facts: []string{strings.Join(sorted, ", ")}}
}

func firstLettersDiffer(list []string) bool {
	for i := range list {
		for j := range i {
			if list[i][0] == list[j][0] {
				return false
			}
		}
	}
	return true
}

func drawSortNumbers(d *dice) task {
	n := d.between(3, 5)
	var numbers []int
	for _, i := range d.rng.Perm(20)[:n] {
		numbers = append(numbers, i+1)
	}
	order := append([]int{}, numbers...)
	sort.Ints(order)
	ways := "small to big"
	if d.chance(0.3) {
		ways = "big to small"
		for i, j := 0, len(order)-1; i < j; i, j = i+1, j-1 {
			order[i], order[j] = order[j], order[i]
		}
	}
	list, sorted := texts(numbers), texts(order)
	good, wrong, short := inOrder(d, list, sorted)
	return task{slots: []string{"q", ways, "l", strings.Join(list, ", ")}, good: good, wrong: wrong, short: short, facts: []string{strings.Join(sorted, ", ")}}
}

func texts(numbers []int) []string {
	out := make([]string, len(numbers))
	for i, n := range numbers {
		out[i] = strconv.Itoa(n)
	}
	return out
}
