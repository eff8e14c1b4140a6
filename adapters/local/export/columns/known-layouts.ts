import { plainName } from "../../../../contracts/column-names.ts";
import type { EventName } from "../../../../contracts/interactions.ts";
import type { ColumnName } from "../../../../contracts/settings/events.ts";

/** The columns of a program's export, or of a public data set. */
export interface Layout {
  name: string;
  /** Columns that tell it: all of them are there. */
  signs: readonly string[];
  /**
   * What is read from where; of several names the first that is there. The rest is found by the
   * well-known names.
   */
  columns: Partial<Record<ColumnName, string | readonly string[]>>;
  /** Well-known names that mean something else here. */
  not?: readonly ColumnName[];
  /** Without an event column: what each row is, if not a purchase. */
  event?: EventName;
  /** Order statuses that mean here that nothing was bought, besides the usual ones. */
  cancelled?: readonly string[];
  /** True where only the first row of an order has the order's status. */
  statusOnce?: boolean;
}

/** Names as `plainName` makes them. The first layout that fits counts. */
export const LAYOUTS: readonly Layout[] = [
  {
    name: "Shopify orders",
    signs: ["lineitemname", "lineitemquantity", "email", "createdat"],
    columns: {
      user: "email",
      item: "lineitemsku",
      time: "createdat",
      quantity: "lineitemquantity",
      status: "financialstatus",
      name: "lineitemname",
      price: "lineitemprice",
    },
    not: ["name"],
    statusOnce: true,
  },
  {
    name: "WooCommerce orders, as JSON",
    signs: ["lineitems.productid", "datecreated", "customerid", "status"],
    columns: {
      user: "customerid",
      device: "billing.email",
      item: "lineitems.productid",
      time: ["datecreatedgmt", "datecreated"],
      quantity: "lineitems.quantity",
      status: "status",
      name: "lineitems.name",
      price: "lineitems.price",
    },
  },
  {
    name: "WooCommerce order items",
    signs: ["orderitemid", "orderid", "productid", "variationid", "productqty"],
    columns: { user: "customerid", item: "productid", time: "datecreated", quantity: "productqty" },
  },
  {
    name: "WooCommerce orders, a row an item",
    signs: ["orderid", "status", "itemproductid"],
    columns: {
      user: "customerid",
      device: "billingemail",
      item: "itemproductid",
      quantity: "itemquantity",
      status: "status",
      name: "itemname",
      price: "itemprice",
    },
    not: ["name", "price"],
  },
  {
    name: "Magento order items",
    signs: ["itemid", "orderid", "sku", "qtyordered"],
    columns: {
      user: "customerid",
      device: "customeremail",
      item: "sku",
      time: "createdat",
      quantity: "qtyordered",
      status: "status",
    },
    cancelled: ["closed"],
  },
  {
    name: "PrestaShop order details",
    signs: ["idorder", "idcustomer", "productid", "productquantity"],
    columns: {
      user: "idcustomer",
      item: "productid",
      time: "dateadd",
      quantity: "productquantity",
      status: "currentstate",
      name: "productname",
      price: "productprice",
    },
    // The numbers that PrestaShop installs: cancelled, refunded, payment error.
    cancelled: ["6", "7", "8"],
  },
  {
    name: "Amazon order report with buyers",
    signs: ["orderid", "orderitemid", "purchasedate", "buyeremail", "sku"],
    columns: { user: "buyeremail", item: "sku", time: "purchasedate", quantity: "quantitypurchased" },
  },
  {
    name: "Amazon all orders report",
    signs: ["amazonorderid", "purchasedate", "orderstatus", "asin", "sku"],
    columns: { user: "amazonorderid", item: "sku", time: "purchasedate", status: "orderstatus" },
  },
  {
    name: "Segment or RudderStack orders",
    signs: ["anonymousid", "event", "properties.products.productid"],
    columns: {
      user: "userid",
      device: "anonymousid",
      item: "properties.products.productid",
      name: "properties.products.name",
      category: "properties.products.category",
      price: "properties.products.price",
      quantity: "properties.products.quantity",
    },
  },
  {
    name: "Segment or RudderStack events",
    signs: ["anonymousid", "event", "properties.productid"],
    columns: {
      user: "userid",
      device: "anonymousid",
      item: "properties.productid",
      event: "event",
      name: "properties.name",
      category: "properties.category",
      price: "properties.price",
      quantity: "properties.quantity",
    },
  },
  {
    name: "Segment or RudderStack tables",
    signs: ["anonymousid", "productid", "event", "receivedat"],
    columns: { user: "userid", device: "anonymousid", item: "productid", event: "event" },
  },
  {
    name: "Snowplow e-commerce events",
    signs: [
      "domainuserid",
      "contextscomsnowplowanalyticssnowplowecommerceproduct1.id",
      "unstructeventcomsnowplowanalyticssnowplowecommercesnowplowecommerceaction1.type",
    ],
    columns: {
      user: "userid",
      device: "domainuserid",
      item: "contextscomsnowplowanalyticssnowplowecommerceproduct1.id",
      event: "unstructeventcomsnowplowanalyticssnowplowecommercesnowplowecommerceaction1.type",
      time: "derivedtstamp",
      quantity: "contextscomsnowplowanalyticssnowplowecommerceproduct1.quantity",
      name: "contextscomsnowplowanalyticssnowplowecommerceproduct1.name",
      category: "contextscomsnowplowanalyticssnowplowecommerceproduct1.category",
      price: "contextscomsnowplowanalyticssnowplowecommerceproduct1.price",
    },
  },
  {
    name: "Snowplow transaction items",
    signs: ["domainuserid", "collectortstamp", "tisku"],
    columns: {
      user: "userid",
      device: "domainuserid",
      item: "tisku",
      event: "event",
      time: "collectortstamp",
      quantity: "tiquantity",
      name: "tiname",
      category: "ticategory",
      price: "tiprice",
    },
  },
  {
    name: "Matomo orders",
    signs: ["idvisitor", "servertime", "idorder", "itemsku"],
    columns: { user: "userid", device: "idvisitor", item: "itemsku", time: "servertime" },
  },
  {
    name: "Amplitude events",
    signs: ["deviceid", "eventtype", "eventtime", "eventproperties.productid"],
    columns: {
      user: "userid",
      device: "deviceid",
      item: "eventproperties.productid",
      event: "eventtype",
      time: "eventtime",
      quantity: "eventproperties.quantity",
      name: "eventproperties.name",
      category: "eventproperties.category",
      price: "eventproperties.price",
    },
  },
  {
    name: "OTTO sessions",
    signs: ["session", "events.aid", "events.ts", "events.type"],
    columns: { user: "session", item: "events.aid", event: "events.type", time: "events.ts" },
  },
  {
    name: "OTTO events",
    signs: ["session", "aid", "ts", "type"],
    columns: { user: "session", item: "aid", event: "type", time: "ts" },
  },
  {
    name: "Instacart order products",
    signs: ["orderid", "productid", "addtocartorder", "reordered"],
    columns: { user: ["userid", "orderid"], item: "productid" },
  },
  {
    name: "Diginetica purchases",
    signs: ["sessionid", "userid", "timeframe", "eventdate", "ordernumber", "itemid"],
    columns: { user: "userid", device: "sessionid", item: "itemid", time: "eventdate" },
  },
  {
    name: "Diginetica views",
    signs: ["sessionid", "userid", "itemid", "timeframe", "eventdate"],
    columns: { user: "userid", device: "sessionid", item: "itemid", time: "eventdate" },
    event: "view_item",
  },
  {
    name: "MovieLens ratings",
    signs: ["userid", "movieid", "rating", "timestamp"],
    columns: { user: "userid", item: "movieid", time: "timestamp" },
  },
  {
    name: "YooChoose clicks",
    signs: ["sessionid", "timestamp", "itemid", "category"],
    columns: { user: "sessionid", item: "itemid", time: "timestamp" },
    event: "view_item",
  },
];

/** The layout of these columns, if it is a known one. */
export function layoutOf(there: readonly string[]): Layout | undefined {
  const plain = new Set(there.map(plainName));
  return LAYOUTS.find(({ signs }) => signs.every((sign) => plain.has(sign)));
}
