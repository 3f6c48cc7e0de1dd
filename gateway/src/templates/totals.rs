//! Auto-calculation: what an invoice's data leaves to us to add up (reference cloudlayer, section 6.10).
//!
//! Every field that is given as `null` is filled, and no other; `__auto_calculate: false` fills none.
//! `amount` of an item is `quantity` × `unit_price`; `subTotal` is the sum of the items' amounts, `totalTax`
//! is `tax_percentage` of it, and the `amount` of the whole is both together.

use serde_json::{Map, Number, Value};

/// Fills what is null.
pub(super) fn fill(data: &mut Map<String, Value>) {
    if data.get("__auto_calculate") == Some(&Value::Bool(false)) {
        return;
    }
    let currency = data
        .get("currency")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let digits = minor_digits(currency);
    let sum = data
        .get_mut("items")
        .and_then(Value::as_array_mut)
        .and_then(|items| {
            // All are filled first: a sum ends at the first that has no price.
            let amounts = items.iter_mut().map(|item| of_item(item, digits));
            let amounts: Vec<_> = amounts.collect();
            amounts.into_iter().sum::<Option<Amount>>()
        });
    let sub_total = fill_one(data, "subTotal", digits, sum);
    let percentage = data.get("tax_percentage").map_or(Some(Amount(0)), amount);
    let tax = sub_total.zip(percentage).and_then(|(total, percent)| {
        // A percentage is a hundredth.
        total.times(percent)?.times(Amount(UNIT / 100))
    });
    let tax = fill_one(data, "totalTax", digits, tax);
    let whole = sub_total
        .zip(tax)
        .map(|(total, tax)| Amount(total.0.saturating_add(tax.0)));
    fill_one(data, "amount", digits, whole);
}

/// Fills the amount of an item, and gives it.
fn of_item(item: &mut Value, digits: u32) -> Option<Amount> {
    let item = item.as_object_mut()?;
    let quantity = item.get("quantity").map_or(Some(Amount(UNIT)), amount);
    let price = item.get("unit_price").and_then(amount);
    let product = quantity
        .zip(price)
        .and_then(|(quantity, price)| quantity.times(price));
    fill_one(item, "amount", digits, product)
}

/// Fills a field that is null, and gives the value that it has then.
fn fill_one(
    fields: &mut Map<String, Value>,
    name: &str,
    digits: u32,
    computed: Option<Amount>,
) -> Option<Amount> {
    match fields.get(name) {
        Some(Value::Null) => {
            let rounded = computed?.rounded(digits);
            fields.insert(name.to_owned(), rounded.into());
            Some(rounded)
        }
        Some(given) => amount(given),
        None => computed.map(|computed| computed.rounded(digits)),
    }
}

/// How many decimals amounts of a currency have (ISO 4217, where it is not two).
fn minor_digits(currency: &str) -> u32 {
    match currency.to_ascii_uppercase().as_str() {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Decimals are exact in these; doubles would add a cent here and there.
const UNIT: i128 = 1_000_000_000;

/// A number of units of a thousand-millionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Amount(i128);

impl Amount {
    fn times(self, other: Self) -> Option<Self> {
        self.0
            .checked_mul(other.0)
            .map(|product| Self(product / UNIT))
    }

    /// Half away from zero.
    fn rounded(self, digits: u32) -> Self {
        let step = UNIT / 10_i128.pow(digits);
        let half = self.0.signum() * (step / 2);
        Self(self.0.saturating_add(half) / step * step)
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.fold(0, |sum, amount| sum.saturating_add(amount.0)))
    }
}

impl From<Amount> for Value {
    fn from(amount: Amount) -> Self {
        let (whole, rest) = (amount.0 / UNIT, amount.0 % UNIT);
        if rest == 0
            && let Ok(whole) = i64::try_from(whole)
        {
            return whole.into();
        }
        let sign = if amount.0 < 0 { "-" } else { "" };
        let text = format!("{sign}{}.{:09}", whole.abs(), rest.abs());
        let number = text.parse().ok().and_then(Number::from_f64);
        number.map_or(Self::Null, Self::Number)
    }
}

/// A number, or a text that is one; nothing for what is neither, or larger than money gets.
fn amount(value: &Value) -> Option<Amount> {
    const LARGEST: f64 = 1e15;
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let number: f64 = text.parse().ok()?;
    if !(-LARGEST..=LARGEST).contains(&number) {
        return None;
    }
    // A double prints as it was written, so its digits are the exact ones.
    let plain = format!("{number}");
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let fraction = format!("{fraction:0<9}");
    let units: i128 = format!("{whole}{}", fraction.get(..9)?).parse().ok()?;
    Some(Amount(units))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(mut data: Value) -> Value {
        fill(data.as_object_mut().unwrap());
        data
    }

    #[test]
    fn what_is_null_is_filled_to_the_cent() {
        let data = filled(json!({
            "items": [
                { "quantity": 3, "unit_price": 19.99, "amount": null },
                { "quantity": "0.5", "unit_price": "0.01", "amount": null },
            ],
            "tax_percentage": 7.5, "subTotal": null, "totalTax": null, "amount": null,
        }));
        assert_eq!(data["items"][0]["amount"], 59.97);
        assert_eq!(data["items"][1]["amount"], 0.01, "half a cent is a cent");
        assert_eq!(data["subTotal"], 59.98);
        assert_eq!(data["totalTax"], 4.5);
        assert_eq!(data["amount"], 64.48);
    }

    #[test]
    fn what_is_given_stays_and_counts() {
        let data = filled(json!({
            "items": [{ "quantity": 1, "unit_price": 10, "amount": 8 }, { "amount": 2.5 }],
            "subTotal": null, "totalTax": 1, "amount": null,
        }));
        assert_eq!(
            (&data["items"][0]["amount"], &data["subTotal"]),
            (&json!(8), &json!(10.5))
        );
        assert_eq!(
            (&data["totalTax"], &data["amount"]),
            (&json!(1), &json!(11.5))
        );
    }

    #[test]
    fn what_is_absent_or_switched_off_stays_away() {
        let item = json!({ "quantity": 2, "unit_price": 4 });
        let data = filled(json!({ "items": [item], "subTotal": null }));
        assert_eq!(data, json!({ "items": [item], "subTotal": 8 }));
        let off = json!({ "__auto_calculate": false, "items": [item], "subTotal": null });
        assert_eq!(filled(off.clone()), off);
        let nonsense =
            json!({ "items": [{ "unit_price": "much" }, 5], "subTotal": null, "amount": null });
        assert_eq!(filled(nonsense.clone()), nonsense);
    }

    #[test]
    fn an_item_without_a_price_leaves_those_after_it_filled() {
        let data = filled(json!({
            "items": [
                { "amount": null },
                { "quantity": 2, "unit_price": 4, "amount": null },
            ],
            "subTotal": null,
        }));
        assert_eq!(data["items"][1]["amount"], 8);
        assert_eq!(
            (&data["items"][0]["amount"], &data["subTotal"]),
            (&Value::Null, &Value::Null)
        );
    }

    #[test]
    fn a_currency_without_cents_is_rounded_to_whole_ones() {
        let item = json!({ "quantity": 3, "unit_price": 33.5, "amount": null });
        let data = filled(json!({ "currency": "jpy", "items": [item], "subTotal": null }));
        assert_eq!(data["subTotal"], 101);
    }
}
