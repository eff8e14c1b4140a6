import type { ColumnName } from "../../../../contracts/settings/events.ts";

/** Column names of real shops, as `plainName` makes them, likeliest first: ids before names. */
export const WELL_KNOWN: Record<ColumnName, readonly string[]> = {
  user: [
    ..."userid user customerid visitorid clientid buyerid memberid".split(" "),
    ..."customeremail billingemail buyeremail email customer buyer".split(" "),
  ],
  device: ["userpseudoid", "anonymousid", "domainuserid", "deviceid"],
  item: [
    ..."itemid productid sku itemsku productsku stockcode articleid articlenumber asin aid".split(" "),
    ..."item product article".split(" "),
  ],
  event: ["event", "eventname", "eventtype", "type", "action", "behavior", "behaviortype"],
  time: [
    ..."time timestamp ts eventtimestamp eventtime datetime invoicedate orderdate purchasedate".split(" "),
    ..."date datecreatedgmt datecreated createdat dateadd eventdate".split(" "),
  ],
  quantity: ["quantity", "qty"],
  status: ["orderstatus", "financialstatus", "orderstate", "status"],
  name: ["itemname", "productname", "description", "title", "name"],
  category: ["category", "itemcategory", "productcategory", "categoryname", "categorycode", "categoryid"],
  price: ["price", "unitprice", "itemprice"],
  // What a user belongs to is the shop's choice: it is read only where `map` names it.
  scope: [],
};
