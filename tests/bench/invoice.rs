//! The document that every side of the benchmark prints: an invoice of 40 rows, no outside resources.

use std::fmt::Write as _;

/// The invoice as HTML.
pub fn html() -> String {
    let mut rows = String::new();
    for row in 1..=40 {
        let price = f64::from(row) * 12.5;
        // Writing into a string can't fail.
        _ = writeln!(
            rows,
            "<tr><td>{row}</td><td>Service item number {row}, delivered as agreed</td><td>{quantity}</td>\
             <td>{price:.2}</td><td>{total:.2}</td></tr>",
            quantity = row % 7 + 1,
            total = price * f64::from(row % 7 + 1),
        );
    }
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>Invoice 2026-0042</title><style>\
         body{{font:13px 'Liberation Sans',sans-serif;margin:0;color:#222}}h1{{font-size:26px;margin:0 0 12px}}\
         table{{width:100%;border-collapse:collapse}}td,th{{padding:5px 8px;border-bottom:1px solid #ddd;text-align:left}}\
         th{{background:#f3f3f7}}tr:nth-child(even) td{{background:#fafafa}}</style></head><body>\
         <h1>Invoice 2026-0042</h1><p>To: Example Trading, 1 Main Street</p><table><thead><tr><th>#</th>\
         <th>Item</th><th>Qty</th><th>Price</th><th>Total</th></tr></thead><tbody>{rows}</tbody></table>\
         <p>Payable within 30 days.</p></body></html>"
    )
}
