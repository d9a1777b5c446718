package judge

// foodTable: one thing a line, in the form that parseThings reads.
const foodTable = `
apple: a round fruit; is sweet; grows on a tree; colour: red or green; found on a tree
  adj sweet red green; is full of juice; is good for you; colour: yellow; found at the market; found in the kitchen
banana: a long fruit; is sweet and soft; grows in warm lands; colour: yellow; found at the market
  adj sweet soft yellow; has a thick skin; found in the kitchen
lemon: a sour fruit; is full of juice; grows on a tree; colour: yellow; found on a tree
  adj yellow small; has a thick skin; grows in warm lands; found at the market; found in the kitchen
orange: a round fruit; is full of juice; grows on a tree; colour: orange; found on a tree
  adj sweet; is sweet; has a thick skin; grows in warm lands; found at the market; found in the kitchen
pear: a sweet fruit; is full of juice; grows on a tree; colour: green or yellow; found on a tree
  is sweet; is sweet and soft; found at the market; found in the kitchen
cherry: a small fruit; has a hard stone; grows on a tree; colour: red; found on a tree
  adj sweet red round tiny; is sweet; is full of juice; has a stone inside; is round; found at the market
strawberry: a small fruit; is sweet; grows near the ground; colour: red; found in the garden
  adj sweet red soft; is full of juice; is sweet and soft; is soft; found at the market; found in a field
grape: a small fruit; is sweet; grows on a vine; colour: purple or green; found on a vine
  adj sweet round tiny; is full of juice; is round; is sweet and soft; found at the market
peach: a sweet fruit; has a soft skin; has a big stone; colour: orange; found on a tree
  adj round soft; is sweet; is full of juice; grows on a tree; has a stone inside; is sweet and soft; has a hard stone; is round; found at the market
plum: a small fruit; has a stone inside; grows on a tree; colour: purple; found on a tree
  adj sweet round soft; is sweet; is full of juice; has a hard stone; is sweet and soft; is round; found at the market
melon: a big fruit; is full of water; has a thick skin; found at the market
  adj sweet round heavy; is sweet; is full of juice; is round; grows near the ground; grows in warm lands; found in the garden
carrot: a long vegetable; grows under the ground; is good for soup; colour: orange; found in the garden
  adj orange sweet; is sweet; is good for you; is good in a salad; found under the ground; found in the kitchen; found at the market
potato: a brown vegetable; grows under the ground; is soft when you cook it; colour: brown; found under the ground
  adj round common; is good for soup; found in the garden; found in the kitchen; found at the market; is cooked in water
onion: a round vegetable; has a strong smell; is good for soup; found in the garden
  is round; grows under the ground; is good in a salad; found in the kitchen; found at the market; found under the ground
cabbage: a big vegetable; has many leaves; is round; colour: green; found in the garden
  adj round green; is good for soup; is good in a salad; has a strong smell; found in the kitchen; found at the market
pea: a tiny vegetable; is round; is sweet when it is fresh; colour: green; found in the garden
  adj round green small; is good for soup; grows on a tall plant; found at the market
bean: a small vegetable; grows on a tall plant; is good for soup; found in the garden
  found in the kitchen; found at the market
cucumber: a long vegetable; is full of water; is good in a salad; colour: green; found in the garden
  adj green; found in the kitchen; found at the market
leek: a long vegetable; has a strong smell; is good for soup; colour: green and white; found in the garden
  adj green; found in the kitchen; found at the market
water (no article): a clear drink; has no colour; is good for all living things; found in a river
  adj clear; found in the sea; found in a lake; found in the kitchen; used to drink; used to wash your hands; used to cook soup
milk (no article): a white drink; comes from cows; is used to make cheese; colour: white; found in the kitchen
  adj white; is good for you; is white; used to make cheese
tea (no article): a hot drink; is made with leaves and hot water; keeps you warm; found in the kitchen
  found in a cafe; is good for you; keeps you awake
coffee (no article): a hot drink; is made with beans and hot water; keeps you awake; found in a cafe
  keeps you warm; found in the kitchen; has a strong smell; is made from beans
juice (no article): a sweet drink; is made from fruit; is cold and fresh; found in the kitchen
  adj cold; is sweet; is full of fruit; is good on a hot day; found in a cafe
lemonade (no article): a cold drink; is made with lemons and sugar; is good on a hot day; found in a cafe
  adj sweet sour; is sweet; is cold and fresh; found in the kitchen
bread (no article): a common kind of food; is made from flour; is baked in an oven; found in a bakery
  is made with flour; is good with butter; is good with cheese; is good for breakfast; found in the kitchen; found in a shop; found at the market
cheese (no article): a salty kind of food; is made from milk; is good with bread; colour: yellow; found at the market
  found in the kitchen; found in a shop; comes from milk
honey (no article): a sweet kind of food; is made by bees; is good with bread; colour: yellow; found at the market
  adj yellow; is sweet; comes from bees; is good for breakfast; found in the kitchen; found in a shop
rice (no article): a common kind of food; grows in wet fields; is cooked in water; colour: white; found in the kitchen
  adj white; is white; is soft when you cook it; comes from plants; found in a shop; found at the market
soup (no article): a hot kind of food; is cooked in a pot; keeps you warm; found in the kitchen
  is cooked in water; is made in a pot; is good on a cold day; found in a pot
butter (no article): a soft kind of food; is made from milk; is good with bread; colour: yellow; found in the kitchen
  adj yellow; comes from milk; is soft when it is warm; found in a shop; found at the market
salt (no article): a white powder for food; comes from the sea; makes food salty; colour: white; found in the kitchen
  adj white; is white; found in the sea; found in a shop
sugar (no article): a sweet kind of food; comes from plants; makes cakes sweet; colour: white; found in the kitchen
  adj white; is white; is sweet; makes tea sweet; found in a shop
chocolate (no article): a sweet kind of food; is made from beans; is soft when it is warm; colour: brown; found in a shop
  adj brown; is sweet; found in the kitchen; is made with sugar; is made with milk
cake: a sweet food for a party; is baked in an oven; is made with flour and sugar; found in a bakery
  is sweet; is good with tea; found in the kitchen; found in a cafe; is made from flour
egg: a food that comes from a hen; has a thin shell; is good for breakfast; found on a farm
  is good for cakes; found in the kitchen; found at the market; has a hard shell; is round; comes from a hen
`

// plantsTable: one thing a line, in the form that parseThings reads.
const plantsTable = `
rose: a pretty flower; smells sweet; has sharp thorns; found in the garden
  adj red; has a long stem; found in the park; blooms in summer
tulip: a pretty flower; blooms in spring; has a long stem; found in the garden
  found in a field; found in the park; opens in the sun
daisy: a small flower; grows in the grass; opens in the sun; colour: white and yellow; found in a field
  adj pretty white; blooms in spring; found in the garden; found in the grass; found in the park; blooms in summer
sunflower: a tall flower; has many seeds; blooms in summer; colour: yellow; found in a field
  adj yellow big pretty; has a long stem; opens in the sun; found in the garden
violet: a small flower; blooms in spring; smells sweet; colour: purple; found in the garden
  adj pretty; found in a field; found in the forest; grows in the grass
oak: a big tree; has strong wood; loses its leaves in autumn; found in the forest
  adj tall strong old; has many leaves; found in the park
pine: a tall tree; stays green in winter; has thin needles; colour: green; found in the forest
  adj green; has strong wood; found in the mountains; found in the park
birch: a thin tree; has white bark; loses its leaves in autumn; found in the forest
  adj tall pretty; has many leaves; has strong wood; found in the park
willow: a big tree; grows near water; has long thin leaves; found near a river
  adj tall; loses its leaves in autumn; found near the water; found in the park; found near a lake
palm: a tall tree; grows in warm lands; has very big leaves; found on a warm beach
  found near the sea; found on the beach; has long leaves; has long thin leaves
`
