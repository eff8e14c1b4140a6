import { describe, expect, it } from "vitest";
import { Shop } from "./shop.ts";

/** Files as these programs export them, shortened, and the pairs that they mean. */
const LAYOUTS: Record<string, { file: string; lines: readonly (string | object)[]; pairs: string[] }> = {
  "Shopify orders": {
    file: "orders_export_1.csv",
    lines: [
      "Name,Email,Financial Status,Paid at,Currency,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at",
      "#1,ann@x.org,paid,2026-11-18 09:30:00 -0500,EUR,2026-11-18 09:30:00 -0500,1,Mug,14.00,MUG,",
      "#1,ann@x.org,,,,2026-11-18 09:30:00 -0500,2,Tea Towel,20.00,TOWEL,",
      "#2,bob@x.org,refunded,,EUR,2026-11-18 23:30:00 -0500,1,Mug,14.00,MUG,2026-11-19 10:30:00 -0500",
      "#2,bob@x.org,,,,2026-11-18 23:30:00 -0500,1,Tea Towel,20.00,TOWEL,",
    ],
    pairs: ["ann@x.org MUG purchase", "ann@x.org TOWEL purchase"],
  },
  "WooCommerce orders, a row an item": {
    file: "woo.csv",
    lines: [
      "order_id,order_number,date,status,customer_id,billing_email,item_id,item_product_id,item_name,item_sku,item_quantity,item_price",
      '11,11,2026-11-18 09:30:00,completed,7,w7@x.org,901,W1,"Lamp, red",L-1,1,"12,50"',
      "12,12,2026-11-18 09:31:00,cancelled,8,w8@x.org,902,W1,Lamp,L-1,1,12.50",
      "13,13,2026-11-18 09:32:00,wc-processing,0,guest@x.org,903,W2,Bulb,B-1,1,2.50",
    ],
    pairs: ["7 W1 purchase", "guest@x.org W2 purchase"],
  },
  "WooCommerce order items": {
    file: "wc_order_product_lookup.tsv",
    lines: [
      "order_item_id\torder_id\tproduct_id\tvariation_id\tcustomer_id\tdate_created\tproduct_qty\tproduct_net_revenue",
      "1\t11\tWI\t0\tw9\t2026-11-18 09:30:00\t1\t12.5",
    ],
    pairs: ["w9 WI purchase"],
  },
  "Magento order items": {
    file: "magento.csv",
    lines: [
      "item_id,order_id,sku,name,qty_ordered,price,created_at,status,customer_id,customer_email",
      "1,5,24-MB01,Joust Bag,1.0000,34.0000,2026-11-18 09:30:00,complete,m1,m1@x.org",
      "2,5,24-MB02,Wayfarer,1.0000,34.0000,2026-11-18 09:30:00,complete,NULL,m2@x.org",
      "3,6,24-MB01,Joust Bag,1.0000,34.0000,2026-11-18 09:30:00,closed,m3,m3@x.org",
    ],
    pairs: ["m1 24-MB01 purchase", "m2@x.org 24-MB02 purchase"],
  },
  "PrestaShop order details": {
    file: "prestashop.csv",
    lines: [
      "id_order_detail;id_order;id_customer;product_id;product_name;product_quantity;product_price;date_add;current_state",
      "1;9;p1;P-1;T-shirt;1;19.120000;2026-11-18 09:30:00;4",
      "2;10;p2;P-1;T-shirt;1;19.120000;2026-11-18 09:30:00;6",
    ],
    pairs: ["p1 P-1 purchase"],
  },
  "Amazon order report with buyers": {
    file: "amazon-buyers.txt",
    lines: [
      "order-id\torder-item-id\tpurchase-date\tpayments-date\tbuyer-email\tbuyer-name\tsku\tproduct-name\tquantity-purchased",
      "302-1\t55\t2026-11-18T09:30:00+00:00\t2026-11-18T09:30:00+00:00\ta1@m.amazon.de\tA One\tAMZ-1\tKettle\t1",
    ],
    pairs: ["a1@m.amazon.de AMZ-1 purchase"],
  },
  "Amazon all orders report": {
    file: "amazon.txt",
    lines: [
      "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\tproduct-name\tsku\tasin\titem-status\tquantity\tcurrency\titem-price",
      "302-2\t\t2026-11-18T09:30:00+00:00\t2026-11-19T09:30:00+00:00\tShipped\tKettle\tAMZ-2\tB01\tShipped\t1\tEUR\t20.0",
      "302-3\t\t2026-11-18T09:30:00+00:00\t2026-11-19T09:30:00+00:00\tCancelled\tKettle\tAMZ-2\tB01\tCancelled\t1\tEUR\t20.0",
    ],
    pairs: ["302-2 AMZ-2 purchase"],
  },
  "Segment or RudderStack tables": {
    file: "product_viewed.csv",
    lines: [
      "id,received_at,anonymous_id,user_id,event,event_text,product_id,name,price,timestamp",
      "e1,2026-11-18 09:30:00 UTC,anon-1,,product_viewed,Product Viewed,S1,Pen,2,2026-11-18 09:30:00 UTC",
      "e2,2026-11-18 09:30:00 UTC,anon-1,s-1,product_added,Product Added,S1,Pen,2,2026-11-18 09:30:00 UTC",
    ],
    pairs: ["anon-1 S1 view_item", "s-1 S1 add_to_cart"],
  },
  "Snowplow transaction items": {
    file: "snowplow.tsv",
    lines: [
      "event\tuser_id\tdomain_userid\tcollector_tstamp\tti_orderid\tti_sku\tti_name\tti_category\tti_price\tti_quantity",
      "transaction_item\t\tsp-1\t2026-11-18 09:30:00.123\t1\tSP1\tBag\tbags\t9.5\t1",
    ],
    pairs: ["sp-1 SP1 purchase"],
  },
  "Matomo orders": {
    file: "matomo.csv",
    lines: [
      "idsite,idvisitor,user_id,server_time,idorder,item_sku,item_name,price,quantity",
      "1,af0c,,2026-11-18 09:30:00,3,MA1,Cup,4,1",
    ],
    pairs: ["af0c MA1 purchase"],
  },
  RetailRocket: {
    file: "retailrocket.csv",
    lines: ["timestamp,visitorid,event,itemid,transactionid", "1795255260000,rr1,transaction,RR1,5"],
    pairs: ["rr1 RR1 purchase"],
  },
  REES46: {
    file: "2026-Nov.csv",
    lines: [
      "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session",
      "2026-11-18 00:00:00 UTC,view,R1,2053013,electronics.phone,x,489.07,r46,72d7",
      "2026-11-18 00:00:00 UTC,remove_from_cart,R2,2053013,electronics.phone,x,489.07,r46,72d7",
    ],
    pairs: ["r46 R1 view_item"],
  },
  "OTTO events": {
    file: "otto.csv",
    lines: ["session,aid,ts,type", "otto1,O1,1795255260000,clicks", "otto1,O1,1795255261000,orders"],
    pairs: ["otto1 O1 purchase", "otto1 O1 view_item"],
  },
  "Diginetica views": {
    file: "train-item-views.csv",
    lines: ["sessionId;userId;itemId;timeframe;eventdate", "d1;NA;DI1;526309;2026-11-18"],
    pairs: ["d1 DI1 view_item"],
  },
  "Diginetica purchases": {
    file: "train-purchases.csv",
    lines: ["sessionId;userId;timeframe;eventdate;ordernumber;itemId", "d1;NA;526309;2026-11-18;4;DI1"],
    pairs: ["d1 DI1 purchase"],
  },
  "MovieLens ratings": {
    file: "ratings.csv",
    lines: ["userId,movieId,rating,timestamp", "ml1,ML1,4.0,1795255260"],
    pairs: ["ml1 ML1 purchase"],
  },
  "YooChoose clicks": {
    file: "yoochoose-clicks.csv",
    lines: ["session_id,timestamp,item_id,category", "y1,2026-11-18T10:51:09.277Z,Y1,0"],
    pairs: ["y1 Y1 view_item"],
  },
  "Online Retail": {
    file: "online-retail.csv",
    lines: [
      "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
      "536365,OR1,HEART,6,2026-11-18 08:26:00,2.55,or1,UK",
      "C536366,OR1,HEART,-1,2026-11-18 08:26:00,2.55,or1,UK",
    ],
    pairs: ["or1 OR1 purchase"],
  },
  Snowflake: {
    file: "snowflake.csv",
    lines: [
      '"EVENT_AT","CUSTOMER_ID","PRODUCT_ID","EVENT_TYPE","DATE"',
      '"x","sf1","SF1","view","2026-11-18 09:30:00.000 -0800"',
      '"x","\\N","SF1","view","2026-11-18 09:30:00.000 Z"',
    ],
    pairs: ["sf1 SF1 view_item"],
  },
  "WooCommerce orders, as JSON": {
    file: "woo-api.ndjson",
    lines: [
      {
        ...{ id: 727, status: "processing", date_created: "2026-11-18T09:30:00", customer_id: 0 },
        date_created_gmt: "2026-11-18T14:30:00",
        billing: { first_name: "Jo", email: "jo@x.org" },
        line_items: [
          { id: 315, name: "Woo Single", product_id: 93, variation_id: 0, quantity: 2, sku: "", price: 3 },
          {
            id: 316,
            name: "Ship Your Idea",
            product_id: 22,
            variation_id: 23,
            quantity: 1,
            sku: "",
            price: 12,
          },
        ],
        meta_data: [{ id: 13, key: "_x", value: "y" }],
      },
    ],
    pairs: ["jo@x.org 22 purchase", "jo@x.org 93 purchase"],
  },
  "Segment or RudderStack events": {
    file: "segment.jsonl",
    lines: [
      {
        type: "page",
        anonymousId: "seg-a",
        userId: null,
        timestamp: "2026-11-18T09:30:00.000Z",
        properties: { title: "x" },
      },
      {
        ...{ type: "track", event: "Product Viewed", anonymousId: "seg-a", userId: null },
        ...{ timestamp: "2026-11-18T09:31:00.000Z", context: { page: { url: "/" } } },
        properties: {
          product_id: "507f",
          sku: "G-32",
          name: "Monopoly",
          price: 18.99,
          quantity: 1,
          category: "Games",
        },
      },
    ],
    pairs: ["seg-a 507f view_item"],
  },
  "Segment or RudderStack orders": {
    file: "segment-orders.jsonl",
    lines: [
      {
        ...{ type: "track", event: "Order Completed", anonymousId: "seg-b", userId: "seg-u" },
        timestamp: "2026-11-18T09:31:00.000Z",
        properties: {
          order_id: "1",
          products: [
            { product_id: "507f", quantity: 1 },
            { product_id: "505b", price: 3 },
          ],
        },
      },
    ],
    pairs: ["seg-u 505b purchase", "seg-u 507f purchase"],
  },
  "Amplitude events": {
    file: "amplitude.json.gz",
    lines: [
      {
        ...{ user_id: null, device_id: "amp-1", event_type: "Product Viewed", amplitude_id: 1 },
        event_time: "2026-11-18 09:30:00.123000",
        event_properties: { product_id: "AM1", price: 3 },
      },
    ],
    pairs: ["amp-1 AM1 view_item"],
  },
  "Snowplow e-commerce events": {
    file: "snowplow.ndjson",
    lines: [
      {
        ...{ event_name: "snowplow_ecommerce_action", user_id: null, domain_userid: "sp-2" },
        derived_tstamp: "2026-11-18T09:30:00.000Z",
        unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1: {
          type: "add_to_cart",
        },
        contexts_com_snowplowanalytics_snowplow_ecommerce_product_1: [
          { id: "SP2", price: 2, category: "bags" },
        ],
      },
    ],
    pairs: ["sp-2 SP2 add_to_cart"],
  },
  "OTTO sessions": {
    file: "otto.jsonl",
    lines: [
      {
        session: 12899779,
        events: [
          { aid: 59625, ts: 1795255260000, type: "clicks" },
          { aid: 59626, ts: 1795255261000, type: "carts" },
        ],
      },
    ],
    pairs: ["12899779 59625 view_item", "12899779 59626 add_to_cart"],
  },
  MySQL: {
    file: "mysql.tsv",
    lines: [
      "id\tcustomer_id\tproduct_id\tqty\tcreated_at",
      "1\tmy1\tMY1\t1\t2026-11-18 09:30:00",
      "2\tNULL\tMY1\t1\t2026-11-18 09:30:00",
    ],
    pairs: ["my1 MY1 purchase"],
  },
};

describe("a file as another program exports it", () => {
  it("is read without a --map", async () => {
    using shop = new Shop();
    for (const { file, lines } of Object.values(LAYOUTS)) shop.write(file, lines);
    const { rejected } = await shop.export();
    const found = (await shop.pairs()).map((pair) => pair.replace(/ \d+$/, ""));
    const expected = Object.values(LAYOUTS).flatMap(({ pairs }) => pairs);
    expect(found.sort()).toEqual(expected.sort());
    expect(rejected).toEqual({ cancelled: 7, no_user: 2 });
  });
});
