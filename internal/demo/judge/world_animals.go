package judge

// animalsTable: one thing a line, in the form that parseThings reads.
const animalsTable = `
cat: a small animal; has soft fur; catches mice; found in a house; 4 legs
  adj soft clever quick friendly quiet; has a long tail; climbs trees; can climb trees; can jump far; hunts at night; has sharp teeth; drinks milk; likes fish; found in the garden; found on the sofa; found on a farm
dog: a friendly animal; has a good nose; guards the house; found in a house; 4 legs
  adj clever strong; has soft fur; has sharp teeth; runs very fast; can swim well; likes to play; has a long tail; found in the garden; found on a farm; lives in a house; found in the park
horse: a big animal; has long legs; runs very fast; found on a farm; 4 legs
  adj strong fast tall clever; eats grass; has a long tail; has strong legs; carries people; found in a field
cow: a big animal; gives milk; eats grass; found on a farm; 4 legs
  adj strong gentle heavy; has a long tail; lives on a farm; found in a field
sheep: a gentle animal; gives wool; eats grass; found on a farm; 4 legs
  adj soft small; has soft fur; has thick fur; lives in a group; lives on a farm; found in a field
pig: a clever animal; has a flat nose; likes to roll in mud; found on a farm; 4 legs
  adj big pink fat; lives on a farm; has a good nose
goat: a strong animal; can climb rocks; gives milk; found on a farm; 4 legs
  adj clever small; eats grass; eats leaves; lives on a farm; can jump far; found in the mountains; found in a field
hen: a small bird; lays eggs; eats seeds; found on a farm; 2 legs
  adj common; lives on a farm; has two wings; has wings; found in the garden
duck: a small bird; has flat feet; can swim well; found on a pond; 2 legs
  adj common funny; lays eggs; eats seeds; eats grass; has two wings; has wings; found on a lake; found on a farm; found on a river; found near the water; found near a pond; lives near the water
swan: a big bird; has a long neck; can swim well; colour: white; found on a lake; 2 legs
  adj white pretty beautiful; has two wings; has wings; lays eggs; has flat feet; eats grass; found on a pond; found on a river; found near the water
rabbit: a small animal; has long ears; eats grass; found in a field; 4 legs
  adj soft fast gentle quick; has soft fur; runs very fast; can jump far; eats leaves; found in the garden; found in the grass; found under the ground
mouse: a tiny animal; has a long tail; eats seeds; found in a field; 4 legs
  adj small quick quiet; has soft fur; eats nuts; found in a house; found in the garden; found under the ground
squirrel: a small animal; climbs trees; eats nuts; found in a tree; 4 legs
  adj quick clever fast; has a thick tail; has soft fur; has a long tail; can climb trees; eats seeds; can jump far; found in the forest; found in the park; lives in a tree; hides nuts
lion: a strong animal; has big teeth; hunts other animals; found in Africa; 4 legs
  adj big wild dangerous; has sharp teeth; has thick fur; has a long tail; lives in a group; runs very fast; found in a zoo
tiger: a strong animal; has black stripes; hunts other animals; colour: orange and black; found in the forest; 4 legs
  adj big wild fast dangerous; has sharp teeth; has big teeth; has a long tail; hunts at night; can swim well; runs very fast; found in a zoo; found in a warm forest
elephant: a huge animal; has a long trunk; eats leaves; colour: grey; found in Africa; 4 legs
  adj big strong heavy wild grey clever gentle; eats grass; has big ears; has a long nose; lives in a group; has thick skin; can live very long; found in a zoo
giraffe: a tall animal; has a very long neck; eats leaves; found in Africa; 4 legs
  adj big wild; has long legs; has a long neck; has thin legs; found in a zoo
zebra: a wild animal; has black and white stripes; eats grass; colour: black and white; found in Africa; 4 legs
  adj black striped fast; has black stripes; lives in a group; runs very fast; found in a zoo
monkey: a clever animal; climbs trees; eats fruit; found in a warm forest
  adj funny wild quick small; can climb trees; has a long tail; lives in a group; found in the forest; found in a tree; found in a zoo; eats leaves; eats nuts
bear: a big animal; has thick fur; likes honey; found in the forest; 4 legs
  adj strong wild heavy; has big teeth; has sharp teeth; can climb trees; climbs trees; can swim well; likes fish; eats fruit; sleeps in winter; found in a zoo; found in the mountains
wolf: a wild animal; lives in a group; hunts other animals; found in the forest; 4 legs
  adj strong grey clever fast; has thick fur; has sharp teeth; has big teeth; runs very fast; has a good nose; has a thick tail; hunts at night; found in the mountains
fox: a clever animal; has a thick tail; hunts at night; found in the forest; 4 legs
  adj small wild quick red; hunts other animals; has soft fur; catches mice; has a good nose; has sharp teeth; has a long tail; found in a field
deer: a gentle animal; has thin legs; eats leaves; found in the forest; 4 legs
  adj wild quick fast; has long legs; eats grass; lives in a group; runs very fast; can jump far; found in a field
camel: a tall animal; carries people over the sand; can live without water for days; found in the desert; 4 legs
  adj big strong; has long legs; has a long neck; lives in the desert; found in a zoo
kangaroo: a strong animal; has a long tail; can jump far; found in Australia
  adj wild big; eats grass; eats leaves; has long legs; has strong legs; lives in a group; found in a zoo
whale: a huge animal; lives in the sea; can dive deep; found in the sea
  adj big heavy; can swim well; lives in water; has no legs
dolphin: a clever animal; lives in the sea; can jump out of the water; found in the sea
  adj friendly fast; can swim well; can dive deep; lives in water; lives in a group; has no legs
shark: a big fish; has sharp teeth; hunts other fish; found in the sea
  adj fast strong; lives in the sea; can swim well; has big teeth; lives in water; can dive deep; hunts other animals; has no legs
goldfish: a tiny fish; lives in water; can swim well; colour: orange; found in a bowl of water
  adj small; found in a bowl; has no legs; found in a pond
frog: a small animal; can jump far; eats insects; colour: green; found near a pond; 4 legs
  adj green; can swim well; lives near the water; found in a pond; found near the water; found in the water; found in the garden
snake: a long animal; has no legs; can climb trees; found in the grass
  adj quiet; can swim well; lays eggs; found in the forest; found in the desert; hunts other animals; catches mice
turtle: a slow animal; has a hard shell; can live very long; found near the water; 4 legs
  adj quiet old; moves very slowly; can swim well; lays eggs; found in the sea; found on the beach; found in the water
snail: a small animal; has a round shell; moves very slowly; found in the garden
  adj slow tiny quiet; eats leaves; has no legs; has a hard shell; found in the grass
bee: a tiny insect; makes honey; visits flowers; found in the garden; 6 legs
  adj small useful; has four wings; can fly; lives in a big group; lives in a group; found on a flower; found in a field
ant: a tiny insect; carries heavy things; lives in a big group; found under the ground; 6 legs
  adj small strong; lives in a group; has six legs; found in the garden; found in the grass; found in the forest
butterfly: a light insect; has four wings; visits flowers; found in the garden; 6 legs
  adj pretty beautiful small; has wings; can fly; found in a field; found on a flower
beetle: a small insect; has hard wings; has six legs; found in the garden; 6 legs
  has wings; found in the forest; found in the grass; found under the ground
ladybug: a tiny insect; has black spots; can fly; colour: red and black; found in the garden; 6 legs
  adj small pretty red round; has wings; has hard wings; has six legs; found in the grass; eats insects
spider: a small animal; has eight legs; makes webs; found in a dark corner; 8 legs
  adj quiet tiny; catches insects; eats insects; hunts insects; found in the garden; found in a house; found in the corner
owl: a quiet bird; has big eyes; hunts at night; found in the forest; 2 legs
  adj clever; has sharp eyes; catches mice; hunts other animals; has two wings; has wings; lays eggs; can fly; found in a tree
eagle: a big bird; has sharp eyes; can fly very high; found in the mountains; 2 legs
  adj strong; has two wings; has wings; hunts other animals; lays eggs; can fly; has big wings; catches mice
penguin: a funny bird; cannot fly; can swim well; colour: black and white; found on a cold coast; 2 legs
  adj small; has two wings; has wings; lays eggs; lives in a group; lives in a big group; can dive deep; found near the sea; found in the sea; found in a zoo
parrot: a clever bird; can say words; eats seeds; found in a warm forest; 2 legs
  adj funny pretty; has two wings; has wings; can fly; lays eggs; eats nuts; eats fruit; found in a tree; found in a zoo
pigeon: a grey bird; can find the way home; eats seeds; colour: grey; found in the city; 2 legs
  adj small common; has two wings; has wings; can fly; lays eggs; found in the park
`
