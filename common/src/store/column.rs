//! Values that both engines hold as plain integers and texts.

use std::error::Error;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};

use crate::telemetry::TraceContext;

/// An integer of ours in a 64-bit column; one that does not fit is an error, not a cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Int<T>(pub(super) T);

/// A text from outside. PostgreSQL refuses the character NUL, which is replaced.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a>(pub(super) &'a str);

/// A value as JSON in a text column.
#[derive(Debug, Clone)]
pub(super) struct Json<T>(pub(super) T);

impl<DB: Database, T> Type<DB> for Int<T>
where
    i64: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <i64 as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <i64 as Type<DB>>::compatible(ty)
    }
}

impl<'q, DB: Database, T> Encode<'q, DB> for Int<T>
where
    i64: Encode<'q, DB>,
    T: Copy + TryInto<i64, Error: Error + Send + Sync + 'static>,
{
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let number: i64 = self.0.try_into()?;
        <i64 as Encode<'q, DB>>::encode(number, buffer)
    }
}

impl<'r, DB: Database, T> Decode<'r, DB> for Int<T>
where
    i64: Decode<'r, DB>,
    T: TryFrom<i64, Error: Error + Send + Sync + 'static>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(T::try_from(<i64 as Decode<'r, DB>>::decode(value)?)?))
    }
}

impl<DB: Database> Type<DB> for Text<'_>
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <String as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <String as Type<DB>>::compatible(ty)
    }
}

impl<'q, DB: Database> Encode<'q, DB> for Text<'_>
where
    String: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let text = self.0.replace('\0', "\u{fffd}");
        <String as Encode<'q, DB>>::encode(text, buffer)
    }
}

impl<DB: Database, T> Type<DB> for Json<T>
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <String as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <String as Type<DB>>::compatible(ty)
    }
}

impl<'q, DB: Database, T: Serialize> Encode<'q, DB> for Json<T>
where
    String: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let text = serde_json::to_string(&self.0)?;
        <String as Encode<'q, DB>>::encode(text, buffer)
    }
}

impl<'r, DB: Database, T: DeserializeOwned> Decode<'r, DB> for Json<T>
where
    String: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let text = <String as Decode<'r, DB>>::decode(value)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}

impl<DB: Database> Type<DB> for TraceContext
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <String as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <String as Type<DB>>::compatible(ty)
    }
}

impl<'q, DB: Database> Encode<'q, DB> for TraceContext
where
    String: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <String as Encode<'q, DB>>::encode(self.to_string(), buffer)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for TraceContext
where
    String: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(<String as Decode<'r, DB>>::decode(value)?.parse()?)
    }
}
