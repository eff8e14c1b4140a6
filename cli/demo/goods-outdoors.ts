/**
 * The demo shop's goods for the road, the trail, the mat and the animals. goods.ts explains the
 * format.
 */
export const OUTDOORS = `
# Camping
## Tent camping
Tent             | 70-680   | Pop-Up, Dome, Tunnel, Geodesic | Green, Sand, Orange
Sleeping Bag     | 35-420   | Summer, Three-Season, Mummy, Down | Green, Sand, Orange
Sleeping Mat     | 15-190   | Foam, Folding, Self-Inflating, Insulated | Green, Sand, Orange
Camping Pillow   | 8-48     | Compressible, Inflatable, Memory Foam, Down | Green, Sand, Orange
Lantern          | 12-90    | Collapsible, Rechargeable, Solar, Gas | Green, Sand, Black
Camping Stove    | 22-190   | Folding, Single-Burner, Windproof, Multi-Fuel | Steel, Black, Red
Cook Set         | 18-120   | Solo, Nesting, Family, Titanium | Steel, Black, Red
Camping Chair    | 19-150   | Stool, Folding, Low, Ultralight | Green, Sand, Black

## Hiking
Hiking Boots     | 70-310   | Low, Mid, Waterproof, Mountain | Brown, Grey, Olive
Hiking Socks     | 8-34     | Liner, Cushioned, Merino, Alpaca | Rust, Grey, Olive
Trekking Poles   | 24-170   | Fixed, Telescopic, Folding, Carbon | Rust, Grey, Olive
Backpack         | 35-290   | Day, Roll-Top, Trail, Expedition | Rust, Grey, Olive
Rain Jacket      | 45-380   | Packable, Two-Layer, Three-Layer, Alpine | Rust, Grey, Olive
Water Bottle     | 9-54     | Soft, Wide-Mouth, Vacuum, Filter | Rust, Grey, Olive
Headlamp         | 14-110   | Pocket, Rechargeable, Long-Range, Trail | Red, Grey, Black
Trail Map        | 7-24     | Coast, Forest, Lakeland, Alpine | 1:50 000, 1:25 000, Waterproof

# Cycling
## City cycling
Bike Helmet      | 28-160   | Skate, Urban, Folding, Lighted | White, Black, Mint
Bike Light       | 9-120    | Clip-On, Front, Rear, Dynamo | White, Black, Silver
Bike Lock        | 14-130   | Cable, Folding, Chain, U-Shaped | White, Black, Mint
Pannier          | 29-160   | Shopper, Roll-Top, Waterproof, Office | Grey, Black, Mint
Pannier Rack     | 22-120   | Clip-On, Alloy, Steel, Front | White, Black, Silver
Mudguards        | 12-75    | Clip-On, Full-Length, Steel, Hammered | White, Black, Silver
Bike Bell        | 5-38     | Ping, Retro, Compass, Brass | White, Black, Silver
Rain Cape        | 24-120   | Emergency, Packable, Reflective, Waxed | Grey, Black, Mint

## Road cycling
Road Jersey      | 35-190   | Club, Summer, Thermal, Race | Red, Black, Sky
Bib Shorts       | 45-230   | Club, Endurance, Thermal, Race | Navy, Black, Sky
Cycling Gloves   | 14-75    | Fingerless, Gel, Winter, Race | Red, Black, Sky
Road Pedals      | 29-260   | Flat, Entry, Clipless, Carbon | Red, Black, Grey
Bike Computer    | 29-420   | Basic, Wireless, Mapping, Training | White, Black, Grey
Road Tyre        | 18-85    | Training, All-Season, Tubeless, Race | 25 mm, 28 mm, 32 mm
Inner Tube       | 4-22     | Standard, Long-Valve, Light, Puncture-Proof | 25 mm, 28 mm, 32 mm
Floor Pump       | 22-140   | Compact, Gauge, Digital, Tubeless | Red, Black, Grey

# Fitness
## Yoga
Yoga Mat         | 16-120   | Foam, Travel, Natural Rubber, Cork | Plum, Teal, Stone
Yoga Block       | 7-32     | Foam, Bamboo, Half, Cork | Plum, Teal, Stone
Yoga Strap       | 5-26     | Loop, Stretch, Cotton, Hemp | Plum, Teal, Stone
Yoga Towel       | 12-54    | Hand, Microfibre, Grip, Bamboo | Plum, Teal, Stone
Bolster          | 24-95    | Round, Rectangular, Lumbar, Buckwheat | Plum, Teal, Stone
Yoga Cushion     | 18-85    | Round, Crescent, Travel, Buckwheat | Plum, Teal, Stone
Leggings         | 22-110   | Cropped, Seamless, High-Rise, Ribbed | Plum, Teal, Stone
Incense          | 4-30     | Cone, Stick, Resin, Temple | Sage, Cedar, Sandalwood

## Running
Running Shoes    | 60-230   | Daily, Cushioned, Trail, Race | Coral, Black, Blue
Running Socks    | 7-28     | Ankle, Crew, Merino, Compression | Coral, Black, Blue
Running Shorts   | 18-80    | Two-in-One, Split, Long, Race | Coral, Black, Blue
Running Shirt    | 16-90    | Mesh, Long-Sleeve, Merino, Race | Coral, Black, Blue
Running Watch    | 59-520   | Starter, GPS, Multisport, Mapping | Coral, Black, Blue
Hydration Vest   | 38-160   | Short-Run, Trail, Marathon, Ultra | Coral, Black, Blue
Energy Gel       | 2-38     | Single, Caffeine, Isotonic, Race Box | Berry, Cola, Lemon
Foam Roller      | 12-110   | Short, Ridged, Long, Vibrating | Coral, Black, Blue

# Pets
## Dogs
Dog Collar       | 8-60     | Nylon, Reflective, Rolled, Leather | Red, Tan, Navy
Dog Lead         | 9-70     | Nylon, Retractable, Rope, Leather | Red, Tan, Navy
Dog Harness      | 15-90    | Puppy, Padded, No-Pull, Trail | Red, Tan, Navy
Dog Toy          | 4-32     | Ball, Rope, Squeaky, Puzzle | Red, Tan, Navy
Dog Treats       | 3-24     | Biscuit, Training, Dental, Air-Dried | Chicken, Beef, Salmon
Dog Food         | 5-80     | Puppy, Adult, Grain-Free, Senior | Chicken, Beef, Salmon
Dog Bowl         | 6-48     | Folding, Slow-Feed, Raised, Ceramic | Small, Medium, Large
Dog Bed          | 24-190   | Crate, Bolstered, Memory Foam, Orthopaedic | Small, Medium, Large

## Cats
Cat Food         | 4-64     | Kitten, Adult, Indoor, Grain-Free | Chicken, Tuna, Salmon
Cat Treats       | 2-18     | Crunchy, Creamy, Dental, Freeze-Dried | Chicken, Tuna, Salmon
Cat Bowl         | 5-42     | Shallow, Tilted, Raised, Ceramic | White, Grey, Mint
Cat Fountain     | 19-95    | Mini, Filtered, Quiet, Ceramic | White, Grey, Mint
Cat Litter       | 6-34     | Clay, Clumping, Wood, Silica | 5 l, 10 l, 20 l
Litter Tray      | 8-140    | Open, High-Sided, Hooded, Self-Cleaning | White, Grey, Mint
Scratching Post  | 14-110   | Corner, Cardboard, Sisal, Tall | Natural, Grey, Mint
Cat Toy          | 3-36     | Mouse, Feather, Track, Laser | Natural, Grey, Mint
`;
