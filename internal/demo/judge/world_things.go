package judge

// toolsTable: one thing a line, in the form that parseThings reads.
const toolsTable = `
hammer: a heavy tool; has a strong handle; is made of metal and wood; used to hit nails; found in a tool box
  adj strong useful; has a handle; found in a shed; is made of metal or wood
saw: a sharp tool; has many teeth; is made of metal; used to cut wood; found in a tool box
  adj useful; has a handle; found in a shed; is made of metal and wood
spade: a strong tool; has a long handle; is made of metal and wood; used to dig a hole; found in the garden
  adj useful heavy; has a handle; found in a shed; used to work in the garden
rake: a light tool; has a long handle; has many teeth; used to collect dry leaves; found in the garden
  adj useful; has a handle; is made of metal and wood; is made of metal or wood; found in a shed
ladder: a tall tool; has many steps; is made of metal or wood; used to reach high places; found in a shed
  adj useful long; found in the garden; used to pick apples
needle: a tiny tool; has a sharp point; is made of metal; used to sew clothes; found in a small box
  adj thin sharp small useful; used to make clothes
rope: a long tool; is very strong; holds heavy things; used to tie things; found on a boat
  adj strong useful; is strong; found in a shed; found in a tool box; found on a ship; used to hold heavy things; used to carry heavy things
spoon: a small thing for the kitchen; has a round end; is made of metal or wood; used to eat soup; found in the kitchen
  adj useful; has a handle; used to eat; found on the table; found in a drawer
fork: a small thing for the kitchen; has sharp points; is made of metal; used to eat salad; found in the kitchen
  adj sharp useful; has a handle; used to eat; found on the table; found in a drawer
knife: a sharp thing for the kitchen; has a handle; is made of metal; used to cut bread; found in the kitchen
  adj useful; has a sharp point; used to cut meat; used to cut fruit; found in a drawer; found on the table
cup: a small thing for the kitchen; has a handle; holds a hot drink; used to drink tea; found in the kitchen
  adj useful; holds a drink; is round; used to drink coffee; used to drink water; used to drink milk; found on the table
plate: a flat thing for the kitchen; is round; holds food; used to serve food; found on the table
  adj round useful; used to eat dinner; used to eat; found in the kitchen
pot: a deep thing for the kitchen; has a lid; is made of metal; used to cook soup; found in the kitchen
  adj useful round; has a handle; is round; used to cook; used to cook rice; used to cook dinner; used to boil water
pan: a flat thing for the kitchen; has a long handle; is made of metal; used to fry eggs; found in the kitchen
  adj round useful; has a handle; is round; used to cook; used to cook dinner
oven: a hot thing for the kitchen; has a door; is very hot inside; used to bake bread; found in the kitchen
  adj big useful; used to bake cakes; used to bake a cake; used to cook; is made of metal
kettle: a useful thing for the kitchen; has a lid; makes water hot; used to boil water; found in the kitchen
  adj hot; has a handle; is made of metal; boils water; used to make tea
table: a flat piece of furniture; has four legs; is made of wood; used to eat dinner; found in the kitchen
  adj big common useful; is flat; found in the living room; found in a house; used to work; used to serve food; used to write and work
chair: a common piece of furniture; has four legs; has a back; used to sit down; found near the table
  adj useful; is made of wood; used to rest; found in the kitchen; found in the living room; found near the desk
bed: a soft piece of furniture; has a pillow; is long and flat; used to sleep; found in the bedroom
  adj warm big long flat; is soft; has four legs; found in a house; used to rest; used to sleep at night; is soft and warm
sofa: a soft piece of furniture; is wide; has room for three people; used to rest; found in the living room
  adj big wide; is soft; has a back; used to sit down; used to sleep; used to sit; found in a house
desk: a flat piece of furniture; is made of wood; holds books and pens; used to write and work; found in the office
  adj useful; is flat; has four legs; used to write; used to write a letter; used to work; used to draw a picture; found near the window; found in the library; found in a school
shelf: a long piece of furniture; holds many books; is made of wood; used to keep books; found on the wall
  adj useful flat; is long; found in the library; found in the living room
wardrobe: a tall piece of furniture; has two doors; holds many clothes; used to keep clothes; found in the bedroom
  adj big useful; is made of wood; used to keep coats; found in a house; holds clothes
hat: a light piece of clothing; sits on your head; keeps the sun away; used to cover your head; found in the wardrobe
  adj warm; keeps you warm; is made of wool; used to keep warm in winter; used to keep the sun away; found in a drawer; used to keep warm
coat: a warm piece of clothing; has long sleeves; has two pockets; used to keep warm in winter; found in the wardrobe
  adj long; keeps you warm; goes over your shirt; is warm; used to keep warm; used to stay dry in the rain; found near the door; has buttons; has two sleeves
scarf: a long piece of clothing; goes around your neck; is made of wool; used to keep your neck warm; found in the wardrobe
  adj warm soft; keeps you warm; is long; used to keep warm in winter; used to keep warm; found in a drawer
glove: a small piece of clothing; has five fingers; fits your hand; used to keep your hand warm; found in a pocket
  adj warm soft; keeps you warm; is made of wool; used to keep warm in winter; used to keep warm; found in a drawer; is made of leather; used to protect your hand
shoe: a strong piece of clothing; fits your foot; is made of leather; used to protect your foot; found near the door
  adj useful; covers your foot; used to walk; used to keep your foot warm; used to walk and play; found in the wardrobe
boot: a strong piece of clothing; covers your foot; keeps out the rain; used to walk in the snow; found near the door
  adj warm; fits your foot; is made of leather; used to protect your foot; used to keep your foot warm; used to walk; used to walk in the rain; found in the wardrobe; used to stay dry in the rain
sock: a soft piece of clothing; goes inside a shoe; is made of wool; used to keep your foot warm; found in a drawer
  adj warm small; keeps you warm; fits your foot; covers your foot; used to protect your foot; used to keep warm in winter; used to keep warm; found in the wardrobe; is soft
shirt: a light piece of clothing; has two sleeves; has many buttons; used to cover your body; found in the wardrobe
  has long sleeves; found in a drawer; has buttons
sweater: a warm piece of clothing; is made of wool; goes over your shirt; used to keep warm in winter; found in a drawer
  adj soft; keeps you warm; has two sleeves; has long sleeves; used to keep warm; used to cover your body; found in the wardrobe; is soft
pen: a small thing for school; is full of ink; fits in a pocket; used to write a letter; found on the desk
  adj useful thin; has a sharp point; used to write; used to write down words; used to draw a picture; used to write a story; found in a pocket; found in a bag; found in the office; found in a school
pencil: a thin thing for school; is made of wood; has a sharp point; used to draw a picture; found on the desk
  adj useful small long; fits in a pocket; used to write; used to write a letter; used to draw; used to draw a straight line; used to write down words; found in a pocket; found in a bag; found in a school
book: a useful thing for school; has many pages; is made of paper; used to read a story; found in the library
  tells a story; has pages; used to read; used to learn new things; used to read at night; found on the shelf; found in a school; found in a bag; found on the desk
ruler: a flat thing for school; has many numbers; is long and thin; used to draw a straight line; found on the desk
  adj long thin useful; is made of wood; used to draw a line; found in a bag; found in a school
bag: a strong thing for school; holds many books; has a handle; used to carry books; found near the desk
  adj useful; holds books; used to carry things; used to carry food; used to carry heavy things; found in a school
notebook: a thin thing for school; is made of paper; has empty pages; used to write down words; found on the desk
  adj useful; has many pages; used to write; used to write a story; used to draw a picture; found in a bag; found in a school; has pages
map: a flat thing for school; shows roads and towns; is made of paper; used to find the way; found on the wall
  adj useful; used to travel; found on the desk; found in a bag; found in a car; found in a school
`

// homeTable: one thing a line, in the form that parseThings reads.
const homeTable = `
drum: a loud instrument; is round; makes a deep sound; used to play music; found in the music room
  adj round; is loud; found in a school
piano: a heavy instrument; has black and white keys; is made of wood; used to play music; found in the music room
  adj big; makes a high sound; makes a deep sound; found in a school; found in the living room
guitar: a light instrument; has six strings; is made of wood; used to play music; found in the music room
  has strings; found in a school
violin: a small instrument; has four strings; is made of wood; used to play music; found in the music room
  adj light; has strings; makes a high sound; found in a school
flute: a long instrument; has many holes; makes a high sound; used to play music; found in the music room
  adj light thin; is made of metal; is made of wood; is made of metal or wood; found in a school
trumpet: a loud instrument; is made of metal; makes a bright sound; colour: yellow; used to play music; found in the music room
  adj bright yellow; is loud; makes a high sound; found in a school
ball: a round toy; rolls on the ground; jumps up and down; used to play games; found in the garden
  is round; used to play; used to play outside; used to play in the park; found in the park
doll: a small toy; looks like a child; wears pretty clothes; used to play at home; found in the bedroom
  adj pretty; used to play; used to play games; found at home
kite: a light toy; flies in the wind; has a long string; used to play in the wind; found in the sky
  found in the park; used to play outside; used to play
puzzle: a clever toy; has many small parts; makes a picture; used to play at home; found on the table
  has many parts; used to play; used to play games; used to make a picture; found in the living room
swing: a big toy; moves up and down; hangs on two ropes; used to play outside; found in the park
  used to play; used to play in the park; found in the garden
umbrella: a light roof that you carry; has a handle; opens in the rain; used to stay dry in the rain; found near the door
  adj useful; keeps you dry; has a long handle; used to stay dry; found in a bag; keeps out the rain; is useful in the rain
clock: a useful thing for the house; has two hands; shows the time; used to tell the time; found on the wall
  adj round; used to know the time; found in the kitchen; found at the station; found in the office; tells the time
key: a tiny thing for the house; is made of metal; fits in a lock; used to open a door; found in a pocket
  adj small useful; opens a door; fits in a pocket; used to close a door; found in a bag; found near the door; opens doors
phone: a useful thing for the house; fits in a pocket; has a bright screen; used to call a friend; found on the desk
  adj small; shows the time; used to talk to a friend; used to tell the time; used to find the way; found in a pocket; found in a bag
candle: a small thing for the house; gives warm light; is made of wax; used to make light; found on the table
  adj warm; gives light; makes light; used to give light; used to read at night; has a small fire; found in the kitchen
lamp: a bright thing for the house; gives light; stands on the desk; used to read at night; found on the desk
  adj useful; makes light; used to make light; used to give light; found on the table; found in the bedroom; found near the bed
mirror: a flat thing for the house; is made of glass; shows your face; used to look at your face; found on the wall
  adj bright; found in the bathroom; found in the bedroom; used to see your face
soap (no article): a thing that makes you clean; smells good; works with water; used to wash your hands; found in the bathroom
  adj clean useful; makes you clean; used to wash; used to stay clean; used to clean your hands; found in the kitchen
towel: a soft thing for the house; hangs near the bath; is big and dry; used to dry your hands; found in the bathroom
  adj big dry; is soft; used to dry your face; used to dry; found near the bath; used to dry your body
broom: a light thing for the house; has a long handle; stands in the corner; used to clean the floor; found in the corner
  adj long useful; is long; has a handle; used to clean; used to clean the kitchen; found in the kitchen; used to clean the house
blanket: a warm thing for the house; is big and soft; covers a bed; used to keep warm at night; found on the bed
  adj soft big; is soft; is warm; keeps you warm; is made of wool; used to keep warm; used to sleep; used to keep warm in winter; found on the sofa; found in the bedroom; used to cover a bed
pillow: a soft thing for the house; holds your head; is part of a bed; used to rest your head; found on the bed
  is soft; used to sleep; found on the sofa; found in the bedroom
basket: a light thing for the house; has a handle; holds fruit and bread; used to carry food; found in the kitchen
  adj useful; holds fruit; holds food; is light; used to carry fruit; used to carry things; found at the market; used to buy fresh food
car: a fast vehicle; has four wheels; drives on the road; used to travel by road; found on the road
  adj common; has wheels; carries people; carries a few people; used to travel; used to go to work; used to go to school or work; used to travel far away; used to travel between cities; found in the city; has an engine
bus: a big vehicle; carries many people; drives on the road; used to go to school or work; found on the road
  adj long; has wheels; carries people; used to travel; used to go to school; used to go to work; used to travel in the city; used to travel by road; found in the city; has big wheels
train: a long vehicle; runs on rails; carries many people; used to travel between cities; found at the station
  adj fast; carries people; used to travel; used to travel far away; used to go to school or work; found on rails; has many seats
tram: a quiet vehicle; runs on rails; carries many people; used to travel in the city; found in the city
  adj long; carries people; used to travel; used to go to work; used to go to school or work; used to go to school; found on the road; drives on the road
bike: a light vehicle; has two wheels; has no engine; used to ride to school; found on the road
  drives on the road; has wheels; is fun; used to travel; used to go to school; used to go to school or work; used to ride to work; used to travel in the city; used to travel by road; found in the city; carries one person
boat: a small vehicle; moves on the water; carries a few people; used to cross the water; found on a lake
  adj light; carries people; moves on the sea; is made of wood; used to travel; used to cross the sea; found on the sea; found on a river; found on the water; used to catch fish; used to travel on the water
ship: a huge vehicle; moves on the sea; carries many people; used to cross the sea; found on the sea
  adj big long strong heavy; moves on the water; carries heavy things; used to travel; used to travel far away; used to cross the water; used to move heavy things; found on the water
plane: a fast vehicle; has two wings; flies in the sky; used to travel far away; found at the airport
  adj big; carries many people; carries people; moves in the sky; has wings; used to travel; used to travel between cities; found in the sky
truck: a strong vehicle; carries heavy things; drives on the road; used to move heavy things; found on the road
  adj big heavy long; has wheels; has big wheels; used to travel by road; used to carry heavy things; found in the city; has a strong engine
tractor: a strong vehicle; works on a farm; has big wheels; used to work in the fields; found on a farm
  adj slow big heavy; has wheels; found in a field; used to move heavy things; carries heavy things; has a strong engine; moves very slowly
`
