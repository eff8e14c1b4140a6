/** The demo shop's goods for bedroom, bathroom, desk and nursery. goods.ts explains the format. */
export const HOME = `
# Bedroom
## Bed linen
Duvet Cover      | 29-210   | Cotton, Percale, Sateen, Washed Linen | White, Sage, Navy
Pillowcase       | 8-48     | Cotton, Percale, Sateen, Washed Linen | White, Sage, Navy
Fitted Sheet     | 16-110   | Cotton, Percale, Sateen, Washed Linen | White, Sage, Navy
Flat Sheet       | 16-110   | Cotton, Percale, Sateen, Washed Linen | White, Sage, Navy
Bedspread        | 35-240   | Waffle, Quilted, Velvet, Washed Linen | White, Sage, Navy
Blanket          | 24-190   | Fleece, Cotton-Knit, Lambswool, Merino | White, Sage, Navy
Cushion Cover    | 9-60     | Cotton, Bouclé, Velvet, Washed Linen | White, Sage, Navy
Linen Spray      | 7-32     | Cotton Flower, Lavender, Fig, Cedar | 50 ml, 100 ml, 250 ml

## Sleep
Mattress Topper  | 60-420   | Fibre, Memory Foam, Latex, Wool | Single, Double, King
Mattress Cover   | 18-95    | Quilted, Waterproof, Bamboo, Wool | Single, Double, King
Duvet            | 35-380   | Summer, All-Season, Wool, Goose Down | Single, Double, King
Pillow           | 12-130   | Hollowfibre, Memory Foam, Side-Sleeper, Goose Down | Soft, Medium, Firm
Sleep Mask       | 6-48     | Cotton, Contoured, Weighted, Silk | Black, Rose, Ivory
Pyjamas          | 24-150   | Jersey, Flannel, Linen, Silk | Black, Rose, Ivory
Alarm Clock      | 14-140   | Travel, Twin-Bell, Projection, Sunrise | Black, Rose, Ivory
Bedside Lamp     | 22-160   | Clip-On, Touch, Reading, Linen-Shade | Black, Brass, Ivory

# Bathroom
## Towels and bath
Bath Towel       | 9-64     | Quick-Dry, Waffle, Turkish, Egyptian Cotton | White, Clay, Ocean
Hand Towel       | 5-32     | Quick-Dry, Waffle, Turkish, Egyptian Cotton | White, Clay, Ocean
Bath Mat         | 12-75    | Memory Foam, Tufted, Bamboo, Diatomite | White, Clay, Ocean
Bathrobe         | 32-170   | Jersey, Waffle, Terry, Velour | White, Clay, Ocean
Shower Curtain   | 14-85    | Mildew-Proof, Waffle, Cotton, Linen | White, Clay, Ocean
Laundry Basket   | 16-120   | Collapsible, Woven, Divided, Seagrass | White, Clay, Natural
Soap Dish        | 5-38     | Draining, Ribbed, Wall, Marble | White, Clay, Ocean
Bath Salts       | 5-36     | Epsom, Eucalyptus, Lavender, Dead Sea | 250 g, 500 g, 1 kg

## Shaving
Safety Razor     | 18-140   | Travel, Closed-Comb, Open-Comb, Adjustable | Chrome, Black, Brass
Razor Blades     | 3-24     | Standard, Stainless, Platinum, Feather-Edge | 10 Pack, 50 Pack, 100 Pack
Shaving Brush    | 9-110    | Synthetic, Boar, Horsehair, Badger | Chrome, Black, Horn
Shaving Soap     | 6-34     | Unscented, Sandalwood, Vetiver, Tallow | Puck, Stick, Tin
Shaving Bowl     | 9-52     | Travel, Ribbed, Lidded, Hand-Thrown | Chrome, Black, White
Razor Stand      | 9-60     | Single, Double, Weighted, Complete | Chrome, Black, Brass
Aftershave       | 9-70     | Alum, Balm, Splash, Barber's | 50 ml, 100 ml, 200 ml
Beard Oil        | 8-42     | Unscented, Cedar, Citrus, Argan | 30 ml, 50 ml, 100 ml

# Desk
## Writing
Fountain Pen     | 15-290   | School, Pocket, Demonstrator, Piston | Black, Burgundy, Blue
Ink              | 5-42     | Everyday, Iron-Gall, Shimmer, Pigment | Black, Burgundy, Blue
Notebook         | 6-45     | Stapled, Dotted, Softcover, Hardcover | Black, Burgundy, Blue
Pen Case         | 9-85     | Zip, Roll, Three-Pen, Leather | Black, Burgundy, Blue
Letter Paper     | 6-38     | Laid, Cotton, Deckle-Edged, Handmade | White, Ivory, Blue
Envelopes        | 4-26     | Laid, Cotton, Lined, Handmade | White, Ivory, Blue
Sealing Wax      | 5-40     | Stick, Bead, Wickless, Gift-Set | Black, Burgundy, Gold
Diary            | 8-55     | Pocket, Weekly, Daily, Leather | Black, Burgundy, Blue

## Home office
Desk Lamp        | 22-220   | Clip-On, Jointed, Wireless-Charging, Daylight | White, Black, Oak
Desk Mat         | 12-85    | Felt, Cork, Wool, Leather | Grey, Black, Oak
Keyboard         | 25-230   | Compact, Quiet, Ergonomic, Mechanical | White, Black, Grey
Mouse            | 12-120   | Travel, Wireless, Vertical, Trackball | White, Black, Grey
Laptop Stand     | 18-110   | Folding, Fixed, Adjustable, Swivel | White, Black, Oak
Monitor Arm      | 35-260   | Single, Sprung, Dual, Heavy-Duty | White, Black, Silver
Office Chair     | 90-780   | Task, Mesh, Ergonomic, Kneeling | White, Black, Grey
Cable Box        | 9-48     | Small, Ventilated, Charging, Lidded | White, Black, Oak

# Nursery
## Baby
Sleepsuit        | 9-42     | Cotton, Zip, Footed, Merino | Cream, Mint, Peach
Baby Blanket     | 12-85    | Muslin, Cellular, Knitted, Merino | Cream, Mint, Peach
Baby Sleeping Bag | 18-95   | Summer, Cotton, Winter, Merino | Cream, Mint, Peach
Cot Mobile       | 15-80    | Paper, Felt, Wooden, Musical | Clouds, Forest, Safari
Rattle           | 5-28     | Crochet, Teething, Wooden, Silver | Cream, Mint, Peach
Muslin Cloths    | 6-36     | Plain, Printed, Bamboo, Organic | Set of 3, Set of 6, Set of 9
Baby Bib         | 4-24     | Cotton, Bandana, Sleeved, Silicone | Cream, Mint, Peach
Baby Bottle      | 5-34     | Starter, Anti-Colic, Wide-Neck, Glass | 120 ml, 240 ml, 330 ml

## Wooden toys
Toy Train        | 9-85     | Push-Along, Freight, Steam, Battery | Natural, Red, Blue
Train Track      | 8-70     | Straight, Curved, Bridge, Station | 10 Piece, 20 Piece, 40 Piece
Toy Blocks       | 12-90    | Alphabet, Rainbow, Castle, Architect | 25 Piece, 50 Piece, 100 Piece
Marble Run       | 19-140   | Starter, Tower, Racing, Deluxe | 30 Piece, 60 Piece, 90 Piece
Jigsaw           | 6-38     | Peg, Floor, Animal, World Map | 12 Piece, 24 Piece, 48 Piece
Toy Animals      | 8-60     | Farm, Woodland, Safari, Dinosaur | Set of 4, Set of 8, Set of 12
Dolls House      | 45-290   | Cottage, Townhouse, Barn, Grand | Natural, Pink, Blue
Dolls Furniture  | 9-65     | Bathroom, Kitchen, Bedroom, Parlour | Natural, Pink, Blue
`;
